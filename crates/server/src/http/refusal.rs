//! What a visitor is told when something cannot be done: a status, a code for machines and a message for people, as JSON.

use std::{fmt::Display, time::Duration};

use axum::{
    Json,
    extract::rejection::{JsonRejection, QueryRejection},
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use serde_json::json;
use tracing::error;

use crate::{catalog::CatalogError, error::SiteError, store::StoreError};

/// An answer that says why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Whose fault it is.
    pub status: StatusCode,
    /// For machines; also the label of the counter.
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// After how long it may be tried again.
    pub retry_after: Option<Duration>,
}

/// The code of a refusal, for the counters; it travels with the response.
#[derive(Debug, Clone, Copy)]
pub struct Code(pub &'static str);

impl Refusal {
    /// A refusal that trying again does not change.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }

    /// The same, to be tried again later.
    pub fn after(self, pause: Duration) -> Self {
        Self { retry_after: Some(pause), ..self }
    }

    /// There is no such thing, or not for this visitor: which of both is not told.
    pub fn missing(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("There is no such {what}."))
    }

    /// A request that has not the form that the API asks for; `why` is told to whoever wrote the page.
    pub fn malformed(why: impl Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", format!("This is not how it is asked for: {why}."))
    }

    /// Too many at once.
    pub fn busy() -> Self {
        let message = "Too much is going on right now. Try again in a few seconds.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message).after(Duration::from_secs(3))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": self.code, "message": self.message }));
        let mut response = (self.status, body).into_response();
        if let Some(pause) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(pause.as_secs()));
        }
        response.extensions_mut().insert(Code(self.code));
        response
    }
}

impl From<SiteError> for Refusal {
    /// The cause goes to the log and not to the visitor.
    fn from(error: SiteError) -> Self {
        error!(cause = %error, "a request failed: {error}");
        let message = "Something failed here; it is not your fault. Try again in a while.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", message)
    }
}

impl From<CatalogError> for Refusal {
    fn from(error: CatalogError) -> Self {
        SiteError::from(error).into()
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        SiteError::from(error).into()
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "This is more than is read."),
            _ => Self::malformed(rejection.body_text()),
        }
    }
}

impl From<QueryRejection> for Refusal {
    fn from(rejection: QueryRejection) -> Self {
        Self::malformed(rejection.body_text())
    }
}

/// The answer where there is nothing.
pub async fn not_found() -> Refusal {
    Refusal::missing("page")
}

/// The answer to a method that a path does not have.
pub async fn wrong_method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", "This cannot be done here.")
}
