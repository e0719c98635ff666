//! Requests that other sites make browsers send: they may read nothing anyway, and here they may change nothing either.

use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderName, Method, StatusCode, Uri,
        header::{HOST, ORIGIN, UPGRADE},
        uri::Authority,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::refusal::Refusal;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses writes and WebSockets that a page of another origin asks for.
pub async fn same_origin(request: Request, next: Next) -> Response {
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let is_socket = request.headers().contains_key(UPGRADE) || request.method() == Method::CONNECT;
    if (!only_reads || is_socket) && is_foreign(request.uri(), request.headers()) {
        let message = "This was asked for by another site, and is not done.";
        return Refusal::new(StatusCode::FORBIDDEN, "cross_site", message).into_response();
    }
    next.run(request).await
}

/// Whether a browser says that the request comes from a page of another origin. What is no browser says nothing.
fn is_foreign(uri: &Uri, headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let site = text(SEC_FETCH_SITE).is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let host = uri.authority().map(Authority::as_str).or(text(HOST)).unwrap_or_default();
    let origin = text(ORIGIN).is_some_and(|origin| origin.split_once("://").map(|(_, origin)| origin) != Some(host));
    site || origin
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(HeaderName, &'static str)], expected: bool) {
        let map: HeaderMap = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        assert_eq!(is_foreign(&Uri::from_static("/api/receipts"), &map), expected, "{headers:?}");
    }

    #[test]
    fn pages_of_other_origins_are_foreign() {
        check(&[(HOST, "smiles.example:8443")], false);
        check(&[(HOST, "smiles.example:8443"), (ORIGIN, "https://smiles.example:8443")], false);
        check(&[(HOST, "smiles.example:8443"), (SEC_FETCH_SITE, "same-origin")], false);
        check(&[(HOST, "smiles.example:8443"), (ORIGIN, "https://smiles.example")], true);
        check(&[(HOST, "smiles.example:8443"), (ORIGIN, "https://evil.example")], true);
        check(&[(HOST, "smiles.example:8443"), (ORIGIN, "null")], true);
        check(&[(HOST, "smiles.example:8443"), (SEC_FETCH_SITE, "cross-site")], true);
        check(&[(HOST, "smiles.example:8443"), (SEC_FETCH_SITE, "same-site")], true);
    }
}
