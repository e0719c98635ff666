//! `smielfy serve`: the site that collects photos, and the live page.

use std::{
    io::{self, IsTerminal},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use clap::Args;
use smielfy_server::{CertificateFiles, KeeperParams, Limits, ServeParams, Started, serve};
use tracing_subscriber::EnvFilter;

use crate::{models::ModelArguments, progress::print};

/// What is logged if the variable `RUST_LOG` does not say otherwise.
const LOG: &str = "warn,smielfy_server=info";

/// Start the site that collects photos of smileys, with the page that recognizes them live; Ctrl-C ends it.
#[derive(Args)]
#[command(after_help = "Examples:
  smielfy serve                                     everything in `smielfy-data`, on port 8443, with a certificate of its own
  smielfy serve --listen 127.0.0.1:8443             for this machine alone
  smielfy serve --cert fullchain.pem --key privkey.pem --listen 0.0.0.0:443
  smielfy serve --database postgres://smielfy@db/smielfy --store s3://smiles/photos    one of many, behind a balancer")]
pub struct ServeArguments {
    #[command(flatten)]
    place: PlaceArguments,
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "0.0.0.0:8443")]
    listen: SocketAddr,
    /// Certificate (PEM) in place of the self-signed one.
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// Private key (PEM) of the certificate.
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Uploads a minute that one address, and one receipt, may make.
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().uploads.per_minute as u32, value_parser = clap::value_parser!(u32).range(1..))]
    uploads_per_minute: u32,
    /// Take the last address in `X-Forwarded-For` for the visitor's, as behind a balancer that writes it.
    #[arg(long)]
    behind_proxy: bool,
    /// Replace the admin's secret and print the new one.
    #[arg(long)]
    new_admin_secret: bool,
    #[command(flatten)]
    models: ModelArguments,
}

/// Where what is collected is kept.
#[derive(Args)]
pub struct PlaceArguments {
    /// Folder for the database, the photos, the certificate and the releases.
    #[arg(long, value_name = "DIR", default_value = "smielfy-data")]
    data: PathBuf,
    /// PostgreSQL database in place of the one in the data folder.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// S3 bucket for the photos (`s3://BUCKET/PREFIX`; the rest in the `AWS_*` variables), or another folder.
    #[arg(long, value_name = "URL or DIR")]
    store: Option<String>,
}

impl PlaceArguments {
    /// For the library.
    pub fn params(&self) -> KeeperParams {
        KeeperParams { data: self.data.clone(), database: self.database.clone(), store: self.store.clone() }
    }
}

pub fn run(arguments: &ServeArguments) -> anyhow::Result<ExitCode> {
    log_to_stderr();
    let files = arguments.cert.clone().zip(arguments.key.clone());
    let mut limits = Limits::default();
    limits.uploads.per_minute = arguments.uploads_per_minute.into();
    limits.uploads.capacity = arguments.uploads_per_minute.into();
    let params = ServeParams {
        keeper: arguments.place.params(),
        listen: arguments.listen,
        certificate: files.map(|(certificate, key)| CertificateFiles { certificate, key }),
        models: arguments.models.models()?,
        smileys: arguments.models.smileys()?,
        limits,
        behind_proxy: arguments.behind_proxy,
        new_admin_secret: arguments.new_admin_secret,
    };
    let mut printed = Ok(());
    serve(params, |started| printed = welcome(started))?;
    printed?;
    Ok(ExitCode::SUCCESS)
}

/// Logs what the server says, and what the variable `RUST_LOG` asks for.
pub fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOG));
    let is_terminal = io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(is_terminal).init();
}

fn welcome(started: &Started) -> anyhow::Result<()> {
    for address in &started.addresses {
        print(address)?;
    }
    if started.is_self_signed {
        print("The certificate is self-signed: browsers warn once, then let you go on.")?;
    }
    if let Some(secret) = &started.admin_secret {
        print(&format!("Secret of the admin, for /admin; it is shown this once: {secret}"))?;
    }
    Ok(())
}
