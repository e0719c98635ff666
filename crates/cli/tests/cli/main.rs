//! The built command, end to end, as a user meets it.

mod bad_input;
mod dataset;
mod recognize;
mod support;
mod tidy;
mod train;
