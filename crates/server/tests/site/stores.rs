//! One suite for every store of photos: a folder, memory, and an S3 bucket.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant, SystemTime},
};

use smielfy_server::{Size, Store};

/// A server that speaks as S3 does, from the Python package `moto[server]`.
const S3_SERVER: &str = "moto_server";
/// How long it may take to start where the machine is busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// Everything that must be true of a store.
async fn suite(store: &Store) {
    assert_eq!(store.get("00aa", Size::Full).await.unwrap(), None);
    store.delete("00aa").await.unwrap();
    store.put("00aa", b"full".to_vec(), b"small".to_vec()).await.unwrap();
    store.put("00ab", b"other".to_vec(), b"tiny".to_vec()).await.unwrap();
    assert_eq!(store.get("00aa", Size::Full).await.unwrap().unwrap(), b"full");
    assert_eq!(store.get("00aa", Size::Thumbnail).await.unwrap().unwrap(), b"small");
    store.put("00aa", b"again".to_vec(), b"again".to_vec()).await.unwrap();
    assert_eq!(store.get("00aa", Size::Full).await.unwrap().unwrap(), b"again");
    store.delete("00aa").await.unwrap();
    store.delete("00aa").await.unwrap();
    assert_eq!(store.get("00aa", Size::Full).await.unwrap(), None);
    assert_eq!(store.get("00aa", Size::Thumbnail).await.unwrap(), None);
    assert_eq!(store.get("00ab", Size::Thumbnail).await.unwrap().unwrap(), b"tiny");
}

#[tokio::test]
async fn memory_keeps_photos() {
    suite(&Store::in_memory()).await;
}

#[tokio::test]
async fn a_folder_keeps_photos() {
    let folder = tempfile::tempdir().unwrap();
    suite(&Store::open(folder.path().join("new/photos").to_str().unwrap()).unwrap()).await;
}

#[tokio::test]
async fn what_writes_that_were_cut_off_left_is_removed_when_it_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().to_str().unwrap()).unwrap();
    store.put("00aa", b"full".to_vec(), b"small".to_vec()).await.unwrap();
    let cut_off = folder.path().join("photos/00/00bb.jpg#1");
    fs::write(&cut_off, "half a ph").unwrap();
    assert_eq!(store.remove_cut_off(Duration::from_mins(1)).unwrap(), 0, "it may just be being written");
    File::options().write(true).open(&cut_off).unwrap().set_modified(SystemTime::now() - Duration::from_secs(61)).unwrap();
    assert_eq!(store.remove_cut_off(Duration::from_mins(1)).unwrap(), 1);
    assert!(!cut_off.exists());
    assert!(store.get("00aa", Size::Full).await.unwrap().is_some());
}

#[tokio::test]
async fn what_is_no_store_is_told() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for (address, expected) in [
        ("s3://", "`s3://` is no store"),
        ("ftp://host/folder", "`ftp://host/folder` is no store"),
        (file.path().to_str().unwrap(), "cannot use the folder"),
    ] {
        let error = Store::open(address).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

/// The settings of an S3 store come from the environment, which is the whole process's. So this test runs itself again with them.
#[test]
fn an_s3_bucket_keeps_photos() {
    let Ok(server) = S3Server::start() else {
        eprintln!("skipped: no S3: `{S3_SERVER}` does not start; `pip install 'moto[server]'` brings it");
        return;
    };
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "--nocapture", "stores::an_s3_bucket_of_the_environment_keeps_photos"])
        .env("AWS_ENDPOINT", format!("http://127.0.0.1:{}", server.port))
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
#[ignore = "run by `an_s3_bucket_keeps_photos` with the settings of a server"]
async fn an_s3_bucket_of_the_environment_keeps_photos() {
    let store = Store::open("s3://smiles/some/prefix").unwrap();
    let endpoint = std::env::var("AWS_ENDPOINT").unwrap();
    let made = reqwest::Client::new().put(format!("{endpoint}/smiles")).send().await.unwrap();
    assert!(made.status().is_success(), "{made:?}");
    suite(&store).await;
    suite(&Store::open("s3://smiles").unwrap()).await;
    assert!(Store::open("s3://nowhere").unwrap().put("00aa", b"full".to_vec(), b"small".to_vec()).await.is_err());
}

/// A server that ends with its owner.
struct S3Server {
    port: u16,
    server: Child,
}

impl S3Server {
    fn start() -> std::io::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = Command::new(S3_SERVER)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .current_dir(Path::new("/"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut server = Self { port, server };
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if start.elapsed() > PATIENCE || server.server.try_wait()?.is_some() {
                return Err(std::io::Error::other("it does not start"));
            }
            sleep(Duration::from_millis(100));
        }
        Ok(server)
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
