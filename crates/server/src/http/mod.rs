//! The site's pages and its API (`docs/api.md`) over HTTP: a module for each kind of visitor, each with a router of its own.

mod admin;
mod contribute;
mod everybody;
pub(crate) mod guard;
pub(crate) mod headers;
mod identity;
mod live;
pub(crate) mod pages;
mod receipt;
pub(crate) mod refusal;
mod review;
mod upload;

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware::from_fn, middleware::from_fn_with_state};

pub use upload::MAX_PHOTO_BYTES;

use crate::site::Site;

/// Most bytes of a body of JSON.
const MAX_JSON_BYTES: usize = 16 * 1024;

/// The whole site. Connections must come with their addresses, as `into_make_service_with_connect_info` gives them.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .merge(everybody::router())
        .merge(contribute::router())
        .merge(receipt::router())
        .merge(review::router())
        .merge(live::router())
        .merge(admin::router())
        .merge(pages::router())
        .fallback(refusal::not_found)
        .method_not_allowed_fallback(refusal::wrong_method)
        .layer(DefaultBodyLimit::max(MAX_JSON_BYTES))
        .layer(from_fn(guard::same_origin))
        .layer(from_fn_with_state(Arc::clone(&site), headers::finish))
        .with_state(site)
}
