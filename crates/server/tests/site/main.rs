//! The site as its visitors meet it: over HTTP, with every database and store that it can have.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod admin;
mod contribute;
mod databases;
mod hostile;
mod live;
mod pages;
mod postgres;
mod release;
mod review;
mod stores;
mod support;
