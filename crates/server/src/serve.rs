//! The program behind `smielfy serve`: opens everything, listens, and goes down in peace.

use std::{
    fs, io,
    net::{IpAddr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum_server::{Handle, tls_rustls::RustlsConfig};
use hyper_util::rt::TokioTimer;
use smielfy::{
    label::LabelError,
    recognize::{ModelError, Models},
    smileys::Smileys,
};
use tokio::{runtime::Runtime, signal, time::interval};
use tracing::{info, warn};

use crate::{
    certificate::{CertificateError, CertificateFiles, host_names},
    error::SiteError,
    http::router,
    keeper::{Keeper, KeeperParams, PATIENCE},
    looker::Looker,
    secrets::Secret,
    site::{Limits, Site, SiteParams},
};

/// The releases in the data folder.
const RELEASES_FOLDER: &str = "releases";
/// How often is looked for what kills and failures left; erased photos must be gone within a minute.
const SWEEP_EVERY: Duration = Duration::from_secs(15);
/// How often is looked for photos that the model has not seen, when there were none.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// After how long a rate limit that was not used is forgotten: all are full by then.
const LIMITS_AGE: Duration = Duration::from_mins(10);
/// How long requests may go on after Ctrl-C.
const FAREWELL: Duration = Duration::from_secs(10);
/// How long the head of a request may take to arrive.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// How often a silent HTTP/2 connection is asked whether it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// What is served, and where.
#[derive(Debug, Clone)]
pub struct ServeParams {
    /// Where photos are kept, and what is known of them.
    pub keeper: KeeperParams,
    /// Address and port to listen on; port 0 is any that is free.
    pub listen: SocketAddr,
    /// The host's own certificate, instead of a self-signed one.
    pub certificate: Option<CertificateFiles>,
    /// The nets of the recognizer.
    pub models: Models,
    /// What is collected.
    pub smileys: Smileys,
    /// What visitors may do how often.
    pub limits: Limits,
    /// Whether a balancer in front says in `X-Forwarded-For` whom it speaks for.
    pub behind_proxy: bool,
    /// Whether the admin's secret is replaced by a new one.
    pub new_admin_secret: bool,
}

/// What is known once the site listens.
#[derive(Debug, Clone)]
pub struct Started {
    /// Where it can be reached.
    pub addresses: Vec<String>,
    /// Whether browsers will warn of the certificate.
    pub is_self_signed: bool,
    /// The admin's secret if it is new; nobody can tell it later.
    pub admin_secret: Option<Secret>,
}

/// Why nothing can be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The data folder cannot be made.
    #[error("cannot use the data folder `{path}`: {source}; give another one by `--data`", path = path.display())]
    Data {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another address or port by `--listen`")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The certificate cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The database or the store cannot be used.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// The nets cannot be used.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The session of `smielfy label` cannot be used.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// The system gives no threads, or the network fails.
    #[error("the server failed: {0}")]
    System(#[from] io::Error),
}

/// Serves until Ctrl-C or a request to terminate; `on_start` is told when the site can be reached.
///
/// # Errors
/// [`ServeError`] if the site cannot be opened or the network fails.
pub fn serve(params: ServeParams, on_start: impl FnOnce(&Started)) -> Result<(), ServeError> {
    Runtime::new()?.block_on(Box::pin(run(params, on_start)))
}

async fn run(params: ServeParams, on_start: impl FnOnce(&Started)) -> Result<(), ServeError> {
    make_private(&params.keeper.data)?;
    let files = match &params.certificate {
        Some(files) => files.clone(),
        None => CertificateFiles::of_our_own(&params.keeper.data)?,
    };
    let tls = RustlsConfig::from_config(Arc::new(files.server_config()?));
    let listener = listen(params.listen)?;
    let address = listener.local_addr()?;
    let is_self_signed = params.certificate.is_none();
    let renewed = params.new_admin_secret;
    let site = Arc::new(Box::pin(open(params)).await?);
    let admin_secret = site.new_admin_secret(renewed).await?;
    let background = [tokio::spawn(keep_clean(Arc::clone(&site))), tokio::spawn(look_at_photos(Arc::clone(&site)))];

    on_start(&Started { addresses: urls(address), is_self_signed, admin_secret });
    let handle = Handle::new();
    tokio::spawn(stop_on_signal(handle.clone()));
    let mut server = axum_server::from_tcp_rustls(listener, tls)?.handle(handle);
    let timer = TokioTimer::new();
    server.http_builder().http1().timer(timer.clone()).header_read_timeout(HEAD_TIME);
    server.http_builder().http2().timer(timer).keep_alive_interval(KEEP_ALIVE);
    server.serve(router(Arc::clone(&site)).into_make_service_with_connect_info::<SocketAddr>()).await?;

    background.iter().for_each(tokio::task::JoinHandle::abort);
    site.catalog().close().await;
    Ok(())
}

/// Opens database, store and nets.
async fn open(params: ServeParams) -> Result<Site, ServeError> {
    let looker = Looker::new(&params.models, &params.smileys)?;
    let site = SiteParams {
        keeper: Keeper::open(&params.keeper).await?,
        looker,
        smileys: params.smileys,
        limits: params.limits,
        behind_proxy: params.behind_proxy,
        releases: params.keeper.data.join(RELEASES_FOLDER),
    };
    Ok(Site::new(site).await?)
}

/// A folder that nobody else on this machine can look into.
pub(crate) fn make_private(folder: &Path) -> Result<(), ServeError> {
    let failed = |source| ServeError::Data { path: folder.to_owned(), source };
    let is_new = !folder.exists();
    fs::create_dir_all(folder).map_err(failed)?;
    #[cfg(unix)]
    if is_new {
        fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}

pub(crate) fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let failed = |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    Ok(listener)
}

/// How browsers reach a server that listens on `address`: by that alone, or by any name of the machine.
pub(crate) fn urls(address: SocketAddr) -> Vec<String> {
    let url = |host: &str| match host.parse::<IpAddr>() {
        Ok(IpAddr::V6(_)) => format!("https://[{host}]:{}", address.port()),
        _ => format!("https://{host}:{}", address.port()),
    };
    if !address.ip().is_unspecified() {
        return vec![url(&address.ip().to_string())];
    }
    let mut names = host_names();
    names.remove("127.0.0.1");
    names.remove("::1");
    if address.is_ipv4() {
        names.retain(|name| !name.contains(':'));
    }
    names.iter().map(|name| url(name)).collect()
}

/// Ends the server in peace on Ctrl-C, or when the system asks for it.
pub(crate) async fn stop_on_signal(handle: Handle<SocketAddr>) {
    #[cfg(unix)]
    let terminated = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        _ = signal::ctrl_c() => {}
        () = terminated => {}
    }
    info!("going down: requests may take {} s more", FAREWELL.as_secs());
    handle.graceful_shutdown(Some(FAREWELL));
}

/// Sweeps now and then, from the start on.
async fn keep_clean(site: Arc<Site>) {
    let mut clock = interval(SWEEP_EVERY);
    loop {
        clock.tick().await;
        match site.keeper.sweep(PATIENCE).await {
            Ok(0) => {}
            Ok(photos) => info!(photos, "swept {photos} photos away that were half written or half erased"),
            Err(error) => warn!(cause = %error, "the sweep failed and is tried again: {error}"),
        }
        if let Err(error) = site.catalog().forget_limits(LIMITS_AGE).await {
            warn!(cause = %error, "old limits stay: {error}");
        }
    }
}

/// Looks at the photos that the model has not seen, one after the other, when there is time.
async fn look_at_photos(site: Arc<Site>) {
    loop {
        if site.is_busy() || !look_at_one(&site).await {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// Whether there was a photo that the model had not seen, and now has.
async fn look_at_one(site: &Site) -> bool {
    site.looker.form_opinion(&site.keeper).await.unwrap_or_else(|error| {
        warn!(cause = %error, "no opinion of a photo: {error}");
        false
    })
}
