//! Pages and what they load, from `web/`, embedded in the program; and the nets by which a page finds faces on the visitor's device.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use axum::{
    Router,
    extract::Path,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};
use smielfy::recognize::{FACE_WEIGHTS, PROPOSAL_WEIGHTS, VERIFICATION_WEIGHTS};

use super::refusal::Refusal;
use crate::site::Site;

/// Pages by their paths.
const PAGES: [(&str, &str); 6] = [
    ("/", "index.html"),
    ("/review", "review.html"),
    ("/receipt", "receipt.html"),
    ("/live", "live.html"),
    ("/admin", "admin.html"),
    ("/privacy", "privacy.html"),
];

#[derive(RustEmbed)]
#[folder = "../../web/"]
#[exclude = "tests/*"]
#[exclude = "node_modules/*"]
struct Web;

#[derive(RustEmbed)]
#[folder = "../../assets/examples/"]
#[include = "*.webp"]
struct Examples;

/// The detector's nets as their weight files, by their names under `/assets/nets/`. A name has no version: the tag tells browsers
/// when there is another one.
static NETS: LazyLock<[(&str, EmbeddedNet); 3]> = LazyLock::new(|| {
    let nets = [("proposals", PROPOSAL_WEIGHTS), ("faces", FACE_WEIGHTS), ("verification", VERIFICATION_WEIGHTS)];
    nets.map(|(name, bytes)| (name, EmbeddedNet::new(bytes)))
});

/// A weight file and its SHA-256.
struct EmbeddedNet {
    bytes: &'static [u8],
    hash: [u8; 32],
}

impl EmbeddedNet {
    fn new(bytes: &'static [u8]) -> Self {
        Self { bytes, hash: Sha256::digest(bytes).into() }
    }
}

/// The pages, and under `/assets/` what they load.
pub fn router() -> Router<Arc<Site>> {
    let nets = get(async |headers: HeaderMap, Path(name): Path<String>| net(&headers, &name));
    let assets = assets().route("/assets/nets/{name}", nets);
    PAGES.iter().fold(assets, |router, (path, name)| {
        router.route(path, get(move |headers: HeaderMap| async move { file(&headers, name) }))
    })
}

/// Under `/assets/` what pages load.
pub fn assets<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{*path}", get(async |headers: HeaderMap, Path(path): Path<String>| file(&headers, &path)))
}

/// A page or something that pages load, by its path in `web/`.
pub fn file(headers: &HeaderMap, path: &str) -> Response {
    answer(headers, path, Web::get(path))
}

/// The rendered example of a smiley.
pub fn example(headers: &HeaderMap, smiley: &str) -> Response {
    let file = format!("{smiley}.webp");
    answer(headers, &file, Examples::get(&file))
}

/// A net of the detector.
fn net(headers: &HeaderMap, name: &str) -> Response {
    match NETS.iter().find(|(known, _)| *known == name) {
        Some((_, net)) => bytes(headers, "application/octet-stream", net.bytes.into(), net.hash),
        None => Refusal::missing("net").into_response(),
    }
}

/// Whether there is a rendered example of a smiley.
pub fn has_example(smiley: &str) -> bool {
    Examples::get(&format!("{smiley}.webp")).is_some()
}

/// A file, if there is one.
fn answer(headers: &HeaderMap, name: &str, file: Option<EmbeddedFile>) -> Response {
    match file {
        Some(file) => bytes(headers, content_type(name), file.data, file.metadata.sha256_hash()),
        None => Refusal::missing("page").into_response(),
    }
}

/// Bytes, or that they have not changed since the browser last asked.
fn bytes(headers: &HeaderMap, content_type: &'static str, data: Cow<'static, [u8]>, hash: [u8; 32]) -> Response {
    let tag = format!("\"{}\"", crate::secrets::hex(&hash));
    let tag = HeaderValue::from_str(&tag).expect("hexadecimal digits may be in headers");
    let caching = [(ETAG, tag.clone()), (CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    if headers.get(IF_NONE_MATCH) == Some(&tag) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    let body = match data {
        Cow::Borrowed(bytes) => axum::body::Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    (caching, [(CONTENT_TYPE, content_type)], body).into_response()
}

/// The type of a file by its ending; browsers are told not to guess.
fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "jpg" => "image/jpeg",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
