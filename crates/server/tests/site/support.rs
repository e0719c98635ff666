//! A running site, and visitors who talk to it.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use reqwest::{Client, Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use smielfy::{recognize::Models, smileys::Smileys};
use smielfy_server::{Keeper, KeeperParams, Limits, Looker, Site, SiteParams, router};
use smielfy_vision::{PictureFormat, RgbImage, encode};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

/// A site that listens on a free port of this machine, without TLS; it ends with the test.
pub struct TestSite {
    pub address: SocketAddr,
    pub site: Arc<Site>,
    pub admin: String,
    folder: Arc<TempDir>,
    client: Client,
    server: JoinHandle<()>,
}

/// An answer, read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl TestSite {
    /// A new and empty site.
    pub async fn start() -> Self {
        Self::with_limits(Limits::default()).await
    }

    pub async fn with_limits(limits: Limits) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let params = KeeperParams { data: folder.path().to_owned(), database: None, store: None };
        Self::open(folder, Keeper::open(&params).await.unwrap(), limits).await
    }

    /// A site with this keeper.
    pub async fn of_keeper(keeper: Keeper, limits: Limits) -> Self {
        Self::open(Arc::new(tempfile::tempdir().unwrap()), keeper, limits).await
    }

    async fn open(folder: Arc<TempDir>, keeper: Keeper, limits: Limits) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let smileys = Smileys::default();
        let looker = Looker::new(&Models::default(), &smileys).unwrap();
        let releases = folder.path().join("releases");
        let params = SiteParams { keeper, looker, smileys, limits, behind_proxy: false, releases };
        let site = Arc::new(Site::new(params).await.unwrap());
        let admin = site.new_admin_secret(true).await.unwrap().unwrap().to_string();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = router(Arc::clone(&site)).into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self { address, site, admin, folder, client: Client::new(), server }
    }

    /// Where the site keeps its files.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub async fn get_as(&self, who: &str, path: &str) -> Answer {
        send(self.request(Method::GET, path).header("authorization", who)).await
    }

    pub async fn delete_as(&self, who: &str, path: &str) -> Answer {
        send(self.request(Method::DELETE, path).header("authorization", who)).await
    }

    /// Posts JSON; `who` may be empty.
    pub async fn post_as(&self, who: &str, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).header("content-type", "application/json").body(body.to_string());
        send(if who.is_empty() { request } else { request.header("authorization", who) }).await
    }

    /// The header of a new contributor.
    pub async fn contributor(&self) -> String {
        self.contributor_who(false, false).await
    }

    /// The header of a new contributor who ticks these boxes.
    pub async fn contributor_who(&self, publish: bool, example: bool) -> String {
        let version = self.get("/api/config").await.json()["consent"]["version"].clone();
        let agreement = json!({"consent_version": version, "adult": true, "train": true, "publish": publish, "example": example});
        let answer = self.post_as("", "/api/receipts", &agreement).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        format!("Receipt {}", answer.json()["receipt"].as_str().unwrap())
    }

    /// Uploads a picture under a new key.
    pub async fn upload(&self, who: &str, smiley: &str, picture: Vec<u8>) -> Answer {
        self.upload_again(who, smiley, picture, &new_key()).await
    }

    pub async fn upload_again(&self, who: &str, smiley: &str, picture: Vec<u8>, key: &str) -> Answer {
        let request = self.request(Method::POST, &format!("/api/photos?smiley={smiley}"));
        send(request.header("authorization", who).header("idempotency-key", key).body(picture)).await
    }

    /// Uploads a picture that must be taken, and gives its name.
    pub async fn give(&self, who: &str, smiley: &str) -> String {
        let answer = self.upload(who, smiley, picture(96, 64)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// The header of the admin.
    pub fn admin(&self) -> String {
        format!("Bearer {}", self.admin)
    }

    pub async fn admin_does(&self, photo: &str, action: &str) {
        let answer = self.post_as(&self.admin(), &format!("/api/admin/photos/{photo}"), &json!({"action": action})).await;
        assert_eq!(answer.status, 204, "{}", answer.text());
    }

    /// The value of a counter.
    pub async fn counter(&self, name: &str) -> u64 {
        let text = self.get("/metrics").await.text();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0, |count| count.parse().unwrap())
    }

    /// All files that the store has.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        collect(&self.data().join("photos"), &mut files);
        files
    }
}

impl Drop for TestSite {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Checks that this is a refusal with this status and code, and a message for people.
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.json()["error"].as_str().unwrap()), (status, code), "{}", self.text());
        assert!(self.json()["message"].as_str().unwrap().ends_with(['.', '!']), "{}", self.text());
    }
}

pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, body: response.bytes().await.unwrap().into() }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// A key that no upload had.
pub fn new_key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("00000000-0000-4000-8000-{:012}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A JPEG without a face.
pub fn picture(width: u32, height: u32) -> Vec<u8> {
    encode(&RgbImage::from_fn(width, height, |x, y| [x as u8, y as u8, 120].into()), PictureFormat::Jpeg).unwrap()
}

/// A picture with faces.
pub fn demo(number: u32) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/demo");
    fs::read(folder.join(format!("demo-{number}.jpg"))).unwrap()
}
