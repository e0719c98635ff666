//! `smielfy serve`, as a host starts it and a visitor meets it: over TLS, with the certificate that it made itself.

use std::{
    fs,
    io::{BufRead, BufReader, ErrorKind, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

use reqwest::{
    Certificate, Method, StatusCode,
    blocking::{Client, Response},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{command, demo, root, smielfy};

/// A started site; it is killed with its owner.
pub struct Serve {
    process: Child,
    pub address: String,
    /// The lines after the address that were printed at the start.
    told: Vec<String>,
    pub client: Client,
}

impl Serve {
    fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    /// With more flags.
    pub fn start_with(data: &Path, more: &[&str]) -> Self {
        let mut serve = command(["serve", "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"]);
        let mut process = serve.args(more).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let address = lines.next().unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let certificate = Certificate::from_pem(&fs::read(data.join("certificate.pem")).unwrap()).unwrap();
        let client = Client::builder().tls_certs_only([certificate]).build().unwrap();
        let mut told = vec![lines.next().unwrap()];
        if is_first_start(data) {
            told.extend(lines.next());
        }
        Self { process, address, told, client }
    }

    fn ask(&self, method: Method, who: &str, path: &str, kind: &str, body: Vec<u8>) -> Response {
        let request = self.client.request(method, format!("{}{path}", self.address)).header("content-type", kind);
        let request = request.header("idempotency-key", "00000000-0000-4000-8000-000000000000").body(body);
        if who.is_empty() { request.send().unwrap() } else { request.header("authorization", who).send().unwrap() }
    }

    pub fn get(&self, who: &str, path: &str) -> Response {
        self.ask(Method::GET, who, path, "text/plain", Vec::new())
    }

    /// The header of a new contributor.
    pub fn contributor(&self) -> String {
        let config: Value = serde_json::from_slice(&self.get("", "/api/config").bytes().unwrap()).unwrap();
        let version = &config["consent"]["version"];
        let consent = json!({"consent_version": version, "adult": true, "train": true, "publish": true, "example": false});
        let answer = self.ask(Method::POST, "", "/api/receipts", "application/json", consent.to_string().into());
        let receipt: Value = serde_json::from_slice(&answer.bytes().unwrap()).unwrap();
        format!("Receipt {}", receipt["receipt"].as_str().unwrap())
    }

    fn give(&self, who: &str) -> Value {
        let picture = fs::read(demo(1).0).unwrap();
        let answer = self.ask(Method::POST, who, "/api/photos?smiley=wink", "image/jpeg", picture);
        assert_eq!(answer.status(), StatusCode::CREATED);
        serde_json::from_slice(&answer.bytes().unwrap()).unwrap()
    }

    pub fn photos(&self, who: &str) -> Vec<Value> {
        let receipt: Value = serde_json::from_slice(&self.get(who, "/api/receipt").bytes().unwrap()).unwrap();
        receipt["photos"].as_array().unwrap().clone()
    }

    pub fn process_id(&self) -> String {
        self.process.id().to_string()
    }

    /// The most memory that the server had at a time, as Linux tells it.
    pub fn peak_memory_mb(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak.unwrap_or_default() / 1024
    }

    #[cfg(unix)]
    fn terminate(mut self) -> Option<i32> {
        let id = self.process.id().to_string();
        assert!(std::process::Command::new("kill").arg(id).status().unwrap().success());
        self.process.wait().unwrap().code()
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Whether nobody was told the admin's secret before this start; the file is the test's own.
fn is_first_start(data: &Path) -> bool {
    fs::OpenOptions::new().write(true).create_new(true).open(data.join("started")).is_ok()
}

#[test]
fn a_visitor_contributes_lists_and_erases_over_tls() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let serve = Serve::start(&data);
    assert!(serve.told[0].starts_with("The certificate is self-signed"), "{:?}", serve.told);
    assert!(serve.told[1].starts_with("Secret of the admin"), "{:?}", serve.told);
    assert_eq!(serve.get("", "/").status(), StatusCode::OK);

    let me = serve.contributor();
    let photo = serve.give(&me);
    drop(serve); // it is killed

    let again = Serve::start(&data);
    assert_eq!(again.told.len(), 1, "the secret is told once");
    let photos = again.photos(&me);
    assert_eq!((photos.len(), &photos[0]["id"]), (1, &photo["id"]), "what was acknowledged is there");
    assert_eq!(again.give(&me)["id"], photo["id"], "the same upload is stored once");
    let path = format!("/api/photos/{}", photo["id"].as_str().unwrap());
    assert_eq!(again.get(&me, &path).headers()["content-type"], "image/jpeg");
    assert_eq!(again.ask(Method::DELETE, &me, "/api/receipt", "text/plain", Vec::new()).status(), StatusCode::NO_CONTENT);
    assert_eq!(again.get(&me, "/api/receipt").status(), StatusCode::UNAUTHORIZED);
    #[cfg(unix)]
    assert_eq!(again.terminate(), Some(0), "it goes down in peace");
}

#[test]
fn a_release_of_what_was_collected_is_a_dataset() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let serve = Serve::start(&data);
    let admin = format!("Bearer {}", serve.told[1].rsplit(' ').next().unwrap());
    let me = serve.contributor();
    let photo = serve.give(&me);
    let path = format!("/api/admin/photos/{}", photo["id"].as_str().unwrap());
    let accept = json!({"action": "accept"}).to_string();
    assert_eq!(serve.ask(Method::POST, &admin, &path, "application/json", accept.into()).status(), StatusCode::NO_CONTENT);

    let (data, out) = (data.to_str().unwrap(), folder.path().join("releases"));
    let release = |more: &[&str]| smielfy(["dataset", "release", "--data", data, "-o", out.to_str().unwrap()].iter().chain(more));
    let run = release(&["--public"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let first = out.join("release-0001");
    assert!(run.stdout.starts_with(&format!("1 photos in `{}`", first.display())), "{}", run.stdout);
    let first = first.to_str().unwrap();
    assert_eq!(smielfy(["dataset", "verify", first]).code, 0);
    assert!(smielfy(["dataset", "stats", first]).stdout.contains("wink"));

    let other = serve.contributor();
    let kept = serve.give(&other);
    let path = format!("/api/admin/photos/{}", kept["id"].as_str().unwrap());
    serve.ask(Method::POST, &admin, &path, "application/json", json!({"action": "accept"}).to_string().into());
    serve.ask(Method::DELETE, &me, "/api/receipt", "text/plain", Vec::new());
    assert_eq!(release(&[]).code, 0);
    let tombstones = out.join("release-0002/tombstones.csv");
    let verified = smielfy(["dataset", "verify", first, "--tombstones", tombstones.to_str().unwrap()]);
    assert_eq!(verified.code, 2);
    assert!(verified.stdout.contains("error: 1 pictures that were withdrawn"), "{}", verified.stdout);
    assert_eq!(smielfy(["dataset", "verify", out.join("release-0002").to_str().unwrap()]).code, 0);
}

#[test]
fn connections_that_say_nothing_are_closed() {
    let folder = TempDir::new().unwrap();
    let serve = Serve::start(folder.path());
    let address = serve.address.trim_start_matches("https://").to_owned();
    let mut silent = TcpStream::connect(address).unwrap();
    silent.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    silent.write_all(&[0x16, 0x03, 0x01]).unwrap(); // the first bytes of a handshake that does not go on
    let end = silent.read_to_end(&mut Vec::new());
    assert!(!matches!(end, Err(ref error) if error.kind() == ErrorKind::WouldBlock), "it is still open after a minute");
    assert_eq!(serve.get("", "/healthz").status(), StatusCode::OK);
}

#[test]
fn what_cannot_be_served_is_told() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().to_str().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let file = root().join("README.md");
    let file = file.to_str().unwrap();
    for (arguments, expected) in [
        (vec!["serve", "--data", data, "--listen", &address], "choose another address or port by `--listen`"),
        (vec!["serve", "--data", file], "give another one by `--data`"),
        (vec!["serve", "--data", data, "--cert", file, "--key", file], "README.md"),
        (vec!["serve", "--data", data, "--cert", file], "--key"),
        (vec!["serve", "--data", data, "--store", "ftp://x"], "give a folder or `s3://BUCKET/PREFIX`"),
        (
            vec!["serve", "--data", data, "--database", "postgres://a:secret@127.0.0.1:1/x"],
            "cannot open the database `postgres://...@127.0.0.1:1/x`",
        ),
        (vec!["dataset", "release", "--data", "nowhere", "-o", data], "no photos were collected in `nowhere`"),
    ] {
        let run = smielfy(&arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{arguments:?}: {}", run.stderr);
    }
}
