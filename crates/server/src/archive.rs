//! A ZIP file of what a contributor sent, made while it is sent: one photo is in memory at a time.

use std::{
    io::{self, Write},
    mem::take,
    sync::{Arc, Mutex, PoisonError},
};

use axum::body::{Body, Bytes};
use futures_util::stream;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions, write::StreamWriter};

use crate::store::{Size, Store};

/// Name of the file that says what the photos are.
const DESCRIPTION: &str = "receipt.json";

/// Bytes that a ZIP writer writes and the body takes away.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn take(&self) -> Bytes {
        take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is still to be done.
struct Progress {
    store: Store,
    zip: ZipWriter<StreamWriter<Shared>>,
    written: Shared,
    rest: std::vec::IntoIter<(String, String)>,
}

/// A ZIP file with the `description` and the photos of these ids under these names. Photos that are erased meanwhile are left out.
pub fn archive(store: Store, description: Vec<u8>, photos: Vec<(String, String)>) -> Body {
    let written = Shared::default();
    let zip = ZipWriter::new_stream(written.clone());
    let progress = Progress { store, zip, written, rest: photos.into_iter() };
    let start = (Some(progress), Some(description));
    Body::from_stream(stream::try_unfold(start, |(progress, description)| async {
        let Some(mut progress) = progress else { return Ok(None) };
        if let Some(description) = description {
            progress.add(DESCRIPTION, &description)?;
            return Ok(Some((progress.written.take(), (Some(progress), None))));
        }
        let Some((id, name)) = progress.rest.next() else {
            progress.zip.finish()?;
            return Ok::<_, io::Error>(Some((progress.written.take(), (None, None))));
        };
        if let Some(photo) = progress.store.get(&id, Size::Full).await.map_err(io::Error::other)? {
            progress.add(&name, &photo)?;
        }
        Ok(Some((progress.written.take(), (Some(progress), None))))
    }))
}

impl Progress {
    /// Adds a file as it is: photos are compressed already.
    fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        self.zip.start_file(name, options)?;
        self.zip.write_all(bytes)
    }
}
