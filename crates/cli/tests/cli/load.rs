//! The site under load: how many uploads a second it takes, and what a kill in the middle leaves of those that it acknowledged.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use reqwest::blocking::Client;
use serde_json::Value;
use smielfy_vision::{PictureFormat, RgbImage, decode, encode};
use tempfile::TempDir;

use crate::serve::Serve;

/// Bytes of a photo, about.
const PHOTO_BYTES: usize = 100_000;
/// Uploads a second that are asked for.
const RATE: u64 = 200;
/// Visitors who upload at once.
const VISITORS: u64 = 24;
const MEASURED: Duration = Duration::from_secs(30);
/// When the server is killed in the second run.
const KILLED_AFTER: Duration = Duration::from_secs(5);
/// The time after which the server sweeps away what was half written, and then some.
const SWEPT_AFTER: Duration = Duration::from_secs(80);

/// What visitors saw together.
#[derive(Default)]
struct Seen {
    /// Photos that were acknowledged, by visitor.
    stored: Vec<(u64, String)>,
    /// How long each took, in milliseconds.
    times_ms: Vec<f64>,
    failed: u64,
}

#[test]
#[ignore = "takes three minutes and all cores; prints a row for results/serve.csv"]
fn uploads_under_load_are_fast_and_outlive_a_kill() {
    let photo = Arc::new(photo());
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let serve = Serve::start_with(&data, &["--uploads-per-minute", "1000000"]);
    let visitors: Vec<String> = (0..VISITORS).map(|_| serve.contributor()).collect();

    let start = Instant::now();
    let seen = load(&serve, &visitors, &photo, MEASURED, || {});
    let rate = seen.stored.len() as f64 / start.elapsed().as_secs_f64();
    let memory_mb = serve.peak_memory_mb();
    assert_eq!(seen.failed, 0);
    println!("asked_per_s,seconds,photo_bytes,stored,failed,stored_per_s,p50_ms,p99_ms,peak_memory_mb,load_average");
    println!(
        "{RATE},{},{},{},{},{rate:.1},{:.0},{:.0},{memory_mb},{}",
        MEASURED.as_secs(),
        photo.len(),
        seen.stored.len(),
        seen.failed,
        quantile(&seen.times_ms, 0.5),
        quantile(&seen.times_ms, 0.99),
        load_average(),
    );

    let killer = serve.process_id();
    let more = load(&serve, &visitors, &photo, MEASURED, || {
        sleep(KILLED_AFTER);
        assert!(std::process::Command::new("kill").args(["-9", &killer]).status().unwrap().success());
    });
    assert!(more.failed > 0, "it was killed in the middle");
    drop(serve);
    let again = Serve::start_with(&data, &["--uploads-per-minute", "1000000"]);
    let acknowledged: Vec<_> = seen.stored.into_iter().chain(more.stored).collect();
    check_all_there(&again, &visitors, &acknowledged);
    sleep(SWEPT_AFTER);
    let rows: usize = visitors.iter().map(|visitor| again.photos(visitor).len()).sum();
    assert_eq!(count_files(&data.join("photos")), 2 * rows, "a photo and a thumbnail for each row, and nothing half");
    println!("{} acknowledged before and until the kill are there; {rows} rows, no file without a row", acknowledged.len());
}

/// Lets all visitors upload for so long, or until the server is gone, while `meanwhile` is done.
fn load(serve: &Serve, visitors: &[String], photo: &Arc<Vec<u8>>, time: Duration, meanwhile: impl FnOnce()) -> Seen {
    let seen = Mutex::new(Seen::default());
    let turn = AtomicU64::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for (number, visitor) in visitors.iter().enumerate() {
            let (seen, turn, address, client) = (&seen, &turn, serve.address.as_str(), serve.client.clone());
            scope.spawn(move || visit(&client, address, (number as u64, visitor), photo, (start, time, turn), seen));
        }
        meanwhile();
    });
    seen.into_inner().unwrap()
}

/// One visitor: takes the next turn when its time has come.
fn visit(
    client: &Client,
    address: &str,
    (number, visitor): (u64, &str),
    photo: &Arc<Vec<u8>>,
    (start, time, turn): (Instant, Duration, &AtomicU64),
    seen: &Mutex<Seen>,
) {
    loop {
        let mine = turn.fetch_add(1, Ordering::Relaxed);
        let due = Duration::from_micros(mine * 1_000_000 / RATE);
        if due > time || start.elapsed() > time {
            return;
        }
        sleep(due.saturating_sub(start.elapsed()));
        let key = format!("{:08}-{:08}-{:016}", number, mine, start.elapsed().as_nanos());
        let request = client.post(format!("{address}/api/photos?smiley=wink")).header("authorization", visitor);
        let sent = Instant::now();
        let answer = request.header("idempotency-key", key).body(photo.to_vec()).send();
        let id = answer.ok().filter(|answer| answer.status() == 201).and_then(|answer| {
            let body: Value = serde_json::from_slice(&answer.bytes().ok()?).ok()?;
            Some(body["id"].as_str()?.to_owned())
        });
        let mut seen = seen.lock().unwrap();
        let Some(id) = id else {
            seen.failed += 1;
            return;
        };
        seen.times_ms.push(sent.elapsed().as_secs_f64() * 1000.0);
        seen.stored.push((number, id));
    }
}

fn check_all_there(serve: &Serve, visitors: &[String], acknowledged: &[(u64, String)]) {
    for (number, visitor) in visitors.iter().enumerate() {
        let there: BTreeSet<String> =
            serve.photos(visitor).iter().map(|photo| photo["id"].as_str().unwrap().to_owned()).collect();
        for (_, id) in acknowledged.iter().filter(|(owner, _)| *owner == number as u64) {
            assert!(there.contains(id), "{id} was acknowledged and is gone");
        }
        for id in &there {
            let bytes = serve.get(visitor, &format!("/api/photos/{id}")).bytes().unwrap();
            assert!(decode(&bytes).is_ok(), "{id} is half");
        }
    }
}

/// A JPEG of 640 x 480 with as much noise as makes it as large as it should be.
fn photo() -> Vec<u8> {
    let with_noise = |strength: u32| {
        let mut state = 7_u32;
        let image = RgbImage::from_fn(640, 480, |x, y| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 16) % (strength + 1);
            [x / 4, y / 3, (x + y) / 6].map(|light| (light + noise).min(255) as u8).into()
        });
        encode(&image, PictureFormat::Jpeg).unwrap()
    };
    (0..200).map(with_noise).find(|bytes| bytes.len() >= PHOTO_BYTES).unwrap()
}

fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share) as usize]
}

fn load_average() -> String {
    fs::read_to_string("/proc/loadavg").map_or_else(|_| "-".into(), |text| text.split(' ').next().unwrap_or("-").to_owned())
}

fn count_files(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { count_files(&path) } else { 1 }).sum()
}
