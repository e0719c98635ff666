//! The built command, end to end, as a user meets it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_input;
mod bench;
mod dataset;
mod doubts;
mod label;
mod load;
mod page;
mod recognize;
mod serve;
mod support;
mod synth;
mod tidy;
mod train;
mod web;
