//! The program behind `smielfy label`: a page for one person on this machine, who says what the stretches of clips show while they are
//! found.
//!
//! [`label`] opens the session, listens, and lets an analyst go through the clips on a thread of its own.

mod analyst;
mod api;
mod desk;

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use smielfy::{
    label::{ExportParams, Session, SessionParams, write_dataset},
    recognize::{Models, Recognizer, RecognizerParams},
};
use tokio::{runtime::Runtime, task::spawn_blocking};
use tracing::warn;

use self::desk::Desk;
use crate::{
    local::{LocalPage, PageStarted},
    serve::ServeError,
};

/// What is labeled, and where.
pub struct LabelParams {
    /// Where the session is kept, by whom it is continued.
    pub session: SessionParams,
    /// The clips and pictures to label.
    pub clips: Vec<PathBuf>,
    /// The nets that find faces and propose smileys.
    pub models: Models,
    /// Address and port to listen on; port 0 is any that is free.
    pub listen: SocketAddr,
    /// What the dataset holds that follows from the answers.
    pub export: ExportParams,
}

/// Serves the page until Ctrl-C or a request to terminate, and writes the dataset; gives the number of its pictures. `on_start` is told
/// when the page can be opened.
///
/// # Errors
/// [`ServeError`] if the session cannot be opened, the nets not be used, or the network fails.
pub fn label(params: LabelParams, on_start: impl FnOnce(&PageStarted)) -> Result<usize, ServeError> {
    let runtime = Runtime::new()?;
    let desk = runtime.block_on(run(params, on_start))?;
    // The analyst has been told to stop, and does so at the next frame.
    drop(runtime);
    Ok(write_dataset(&desk.session(), desk.export)?)
}

async fn run(params: LabelParams, on_start: impl FnOnce(&PageStarted)) -> Result<Arc<Desk>, ServeError> {
    let session = Session::open(params.session)?;
    let recognizer = Recognizer::new(&params.models, session.smileys(), RecognizerParams::default())?;
    let page = LocalPage::open("label", session.folder(), params.listen)?;
    on_start(&PageStarted { addresses: page.addresses.clone(), warnings: session.warnings().to_owned() });

    let desk = Arc::new(Desk::new(session, params.export));
    let stop = Arc::new(AtomicBool::new(false));
    let analyst = {
        let (desk, stop) = (Arc::clone(&desk), Arc::clone(&stop));
        spawn_blocking(move || analyst::work(&desk, &recognizer, &params.clips, &stop))
    };
    let writer = tokio::spawn(keep_dataset(Arc::clone(&desk)));
    page.serve(api::routes(), Arc::clone(&desk)).await?;

    stop.store(true, Ordering::Relaxed);
    writer.abort();
    if let Err(error) = analyst.await {
        warn!(cause = %error, "the analysis was cut off: {error}");
    }
    Ok(desk)
}

/// Writes the dataset anew behind each answer; answers that come meanwhile are in the next one.
async fn keep_dataset(desk: Arc<Desk>) {
    loop {
        desk.answered.notified().await;
        let desk = Arc::clone(&desk);
        let written = spawn_blocking(move || write_dataset(&desk.session(), desk.export)).await;
        if let Ok(Err(error)) = written {
            warn!(cause = %error, "the dataset was not written and will be with the next answer: {error}");
        }
    }
}
