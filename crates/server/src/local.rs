//! What the pages for one person on this machine have in common: who knows the random token in the page's address may see and do
//! everything; others, such as other users of the machine, nothing.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, RawPathParams, Request, State},
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use axum_server::{Handle, tls_rustls::RustlsConfig};
use serde::Serialize;
use smielfy::{
    label::LabelError,
    smileys::{Smiley, Smileys},
};
use subtle::ConstantTimeEq;
use tokio::task::{JoinError, spawn_blocking};

use crate::{
    certificate::CertificateFiles,
    http::{
        guard, headers, pages,
        refusal::{self, Refusal},
    },
    secrets::random_name,
    serve::{ServeError, listen, make_private, stop_on_signal, urls},
    words::{Translated, pose},
};

/// Folder of the certificate and its key.
const CERTIFICATE_FOLDER: &str = "certificate";

/// Most bytes of a request.
const MAX_BODY_BYTES: usize = 4096;

/// What is known once the page can be opened.
#[derive(Debug, Clone)]
pub struct PageStarted {
    /// Address of the page, with its token; one for each name of the machine that is listened on.
    pub addresses: Vec<String>,
    /// What a kill had left half written.
    pub warnings: Vec<String>,
}

/// A page that can be reached, and waits to be served.
pub struct LocalPage {
    /// Its addresses, with the token.
    pub addresses: Vec<String>,
    /// Who knows it is let in.
    token: String,
    listener: TcpListener,
    tls: RustlsConfig,
}

impl LocalPage {
    /// Listens for the page `/NAME/TOKEN`, with a certificate that is kept in `folder`.
    pub fn open(name: &str, folder: &Path, address: SocketAddr) -> Result<Self, ServeError> {
        let certificate = folder.join(CERTIFICATE_FOLDER);
        make_private(&certificate)?;
        let tls = RustlsConfig::from_config(Arc::new(CertificateFiles::of_our_own(&certificate)?.server_config()?));
        let listener = listen(address)?;
        let token = random_name();
        let addresses = urls(listener.local_addr()?).iter().map(|url| format!("{url}/{name}/{token}")).collect();
        Ok(Self { addresses, token, listener, tls })
    }

    /// Serves `private`, each route of which has the token as the parameter `token`, until Ctrl-C or a request to terminate.
    pub async fn serve<S: Clone + Send + Sync + 'static>(self, private: Router<S>, state: S) -> Result<(), ServeError> {
        let handle = Handle::new();
        tokio::spawn(stop_on_signal(handle.clone()));
        let router = router(private, state, &self.token);
        axum_server::from_tcp_rustls(self.listener, self.tls)?.handle(handle).serve(router.into_make_service()).await?;
        Ok(())
    }
}

/// The routes for whoever knows the token, and what pages load, which is the same for everybody.
pub fn router<S: Clone + Send + Sync + 'static>(private: Router<S>, state: S, token: &str) -> Router {
    private
        .layer(from_fn_with_state(Arc::from(token), only_with_token))
        .merge(pages::assets())
        .fallback(refusal::not_found)
        .method_not_allowed_fallback(refusal::wrong_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(guard::same_origin))
        .layer(from_fn(with_headers))
        .with_state(state)
}

async fn with_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    headers::add(response.headers_mut());
    response
}

/// Lets nobody pass who does not know the token, in a time that does not tell how much of it is right.
async fn only_with_token(State(token): State<Arc<str>>, params: RawPathParams, request: Request, next: Next) -> Response {
    let given = params.iter().find(|(name, _)| *name == "token").map(|(_, value)| value.as_bytes().ct_eq(token.as_bytes()));
    match given {
        Some(is_right) if is_right.into() => next.run(request).await,
        _ => Refusal::missing("page").into_response(),
    }
}

/// What is shared, for blocking code. Each change of it must be whole or not made at all.
pub fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is shared, for async code: files are written behind it.
pub async fn with<T: Send + 'static, R: Send + 'static>(
    shared: &Arc<Mutex<T>>,
    work: impl FnOnce(&mut T) -> R + Send + 'static,
) -> Result<R, JoinError> {
    let shared = Arc::clone(shared);
    spawn_blocking(move || work(&mut lock(&shared))).await
}

/// A picture that never changes.
pub fn jpeg(bytes: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, "private, max-age=31536000, immutable")], bytes).into_response()
}

/// A smiley as pages know it.
#[derive(Serialize)]
pub struct SmileyView {
    id: String,
    emoticon: String,
    pose: Translated<String>,
}

impl SmileyView {
    /// All of them.
    pub fn all(smileys: &Smileys) -> Vec<Self> {
        let view = |smiley: &Smiley| Self { id: smiley.id.clone(), emoticon: smiley.emoticon.clone(), pose: pose(smiley) };
        smileys.iter().map(view).collect()
    }
}

impl From<LabelError> for Refusal {
    /// What makes no sense is told to the person, as it is about what they did; so is what fails, as it is their machine.
    fn from(error: LabelError) -> Self {
        let (status, code) = match &error {
            LabelError::Unknown { .. } => (StatusCode::NOT_FOUND, "not_found"),
            LabelError::Refused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
        };
        Self::new(status, code, error.to_string())
    }
}

impl From<JoinError> for Refusal {
    fn from(error: JoinError) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", error.to_string())
    }
}
