//! Everything that smielfy does not decode itself, through an `ffmpeg` on the PATH.
//!
//! A path goes in, pictures with their times come out. `ffmpeg` writes uncompressed RGB as fragments of MOV into a pipe: times
//! are kept to the tick of the input's own time base, and frames that it turns upright or scales come so.

use super::error::Problem;
use super::mp4::{Head, Sample, Track, add_fragment};
use super::yuv::MAX_FRAME_PIXELS;
use super::{Stream, TimedPicture};
use smielfy_vision::RgbImage;
use std::collections::VecDeque;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};

/// Formats that `ffmpeg` may read: containers of video. Playlists and the like, which name other files or hosts, are not
/// among them.
const FORMATS: &str = "matroska,webm,avi,flv,ogg,asf,mpeg,mpegts,mov,mp4,m4a,3gp,3g2,mj2";

/// Most bytes that are kept of what `ffmpeg` says about its failure.
const MAX_MESSAGE_BYTES: u64 = 4096;

/// The pictures that a running `ffmpeg` gives.
pub struct Ffmpeg {
    process: Child,
    reader: BufReader<ChildStdout>,
    message: Option<JoinHandle<String>>,
    track: Option<Track>,
    /// Samples of the fragment that is being read.
    samples: VecDeque<Sample>,
}

impl Ffmpeg {
    /// Starts `ffmpeg` on the file at `path`, which is of the kind `what`.
    ///
    /// # Errors
    /// There is no `ffmpeg` or it cannot be started.
    pub fn new(path: &Path, what: &str) -> Result<Self, Problem> {
        let mut process = command(path).spawn().map_err(|error| match error.kind() {
            ErrorKind::NotFound => Problem::FfmpegMissing { what: what.to_owned() },
            _ => Problem::Io(error),
        })?;
        let reader = process.stdout.take().expect("the command pipes its output");
        let messages = process.stderr.take().expect("the command pipes its messages");
        Ok(Self {
            process,
            reader: BufReader::new(reader),
            message: Some(thread::spawn(move || read_message(messages))),
            track: None,
            samples: VecDeque::new(),
        })
    }

    /// Reads up to the data of the next picture; `None` at the end.
    fn next_sample(&mut self) -> Result<Option<Sample>, Problem> {
        while self.samples.is_empty() {
            let Some(head) = Head::read(&mut self.reader)? else { return Ok(None) };
            match (&head.name, &self.track) {
                (b"moov", _) => self.track = Some(Track::find(&head.read_box(&mut self.reader)?[8..])?),
                (b"moof", Some(track)) => {
                    let moof = head.read_box(&mut self.reader)?;
                    let defaults = track.fragment_defaults.unwrap_or_default();
                    let mut samples = Vec::new();
                    add_fragment(&mut samples, &moof[8..], 0, track.id, defaults)?;
                    // The box `mdat` with the data follows.
                    Head::read(&mut self.reader)?;
                    self.samples = samples.into();
                }
                _ => {
                    let content = head.content_bytes.unwrap_or(u64::MAX);
                    std::io::copy(&mut (&mut self.reader).take(content), &mut std::io::sink())?;
                }
            }
        }
        Ok(self.samples.pop_front())
    }

    /// Reads a picture of `width` x `height` pixels; rows are padded to an even number of bytes.
    fn read_picture(&mut self, width: u32, height: u32) -> Result<RgbImage, Problem> {
        let mut image = RgbImage::new(width, height);
        let row_bytes = 3 * width as usize;
        let mut padding = [0];
        for row in image.chunks_exact_mut(row_bytes.max(1)) {
            self.reader.read_exact(row)?;
            self.reader.read_exact(&mut padding[..row_bytes % 2])?;
        }
        Ok(image)
    }

    /// Waits for the end of `ffmpeg`.
    fn finish(&mut self) -> Result<(), Problem> {
        let status = self.process.wait()?;
        let message = self.message.take().and_then(|message| message.join().ok()).unwrap_or_default();
        if status.success() && self.track.is_some() {
            return Ok(());
        }
        let message = message.lines().last().unwrap_or("it gives no reason").trim().to_owned();
        Err(Problem::Ffmpeg { message })
    }
}

impl Stream for Ffmpeg {
    fn next(&mut self) -> Result<Option<TimedPicture>, Problem> {
        let Some(sample) = self.next_sample()? else { return self.finish().map(|()| None) };
        let Some(track) = &self.track else { return Err(Problem::NoVideo) };
        let (width, height) = track.size;
        let timeline = track.timeline.clone().starting_at(0);
        let (width, height) = (u32::from(width), u32::from(height));
        if u64::from(width) * u64::from(height) > MAX_FRAME_PIXELS {
            let (width, height) = (u64::from(width), u64::from(height));
            return Err(Problem::TooLarge { width, height, limit: MAX_FRAME_PIXELS });
        }
        let image = self.read_picture(width, height)?;
        let time = timeline.time(sample.time).unwrap_or_default();
        let duration = Some(timeline.duration(sample.time, sample.duration));
        Ok(Some(TimedPicture { image, time, duration }))
    }
}

impl Drop for Ffmpeg {
    fn drop(&mut self) {
        // If it has ended, these fail and there is nothing to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The command that writes the pictures of the file at `path`.
fn command(path: &Path) -> Command {
    let mut input = std::ffi::OsString::from("file:");
    input.push(path);
    let mut command = Command::new("ffmpeg");
    command
        .args(["-nostdin", "-hide_banner", "-loglevel", "error"])
        .args(["-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-i"])
        .arg(input)
        .args(["-map", "0:v:0", "-fps_mode", "passthrough", "-enc_time_base", "-1", "-c:v", "rawvideo", "-pix_fmt", "rgb24"])
        .args(["-f", "mov", "-movflags", "empty_moov+frag_every_frame+default_base_moof", "pipe:1"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The first words of `stderr`; the rest is read and dropped so that `ffmpeg` can go on.
fn read_message(mut stderr: ChildStderr) -> String {
    let mut message = Vec::new();
    // A pipe that breaks ends the message.
    let _ = (&mut stderr).take(MAX_MESSAGE_BYTES).read_to_end(&mut message);
    let _ = std::io::copy(&mut stderr, &mut std::io::sink());
    String::from_utf8_lossy(&message).into_owned()
}
