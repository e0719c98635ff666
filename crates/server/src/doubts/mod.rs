//! The page of `smielfy dataset doubts --fix`: one person on this machine goes through doubtful labels, and what they say is in the
//! dataset at once.

mod api;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use smielfy::label::{Fixed, Fixes};
use tokio::runtime::Runtime;

use crate::{
    local::{LocalPage, PageStarted, lock},
    serve::ServeError,
};

/// Serves the page for `fixes` on the address `listen` until Ctrl-C or a request to terminate; gives what all answers come to.
/// `on_start` is told when the page can be opened.
///
/// # Errors
/// [`ServeError`] if the address cannot be listened on, or the network fails.
pub fn fix(fixes: Fixes, listen: SocketAddr, on_start: impl FnOnce(&PageStarted)) -> Result<Fixed, ServeError> {
    Runtime::new()?.block_on(async {
        let page = LocalPage::open("doubts", &fixes.kept_in(), listen)?;
        on_start(&PageStarted {
            addresses: page.addresses.clone(),
            warnings: fixes.warning().map(str::to_owned).into_iter().collect(),
        });
        let fixes = Arc::new(Mutex::new(fixes));
        page.serve(api::routes(), Arc::clone(&fixes)).await?;
        Ok(lock(&fixes).fixed())
    })
}
