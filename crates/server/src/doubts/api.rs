//! The page `doubts` and its API over HTTP.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::HeaderMap,
    response::Response,
    routing::{get, post},
};
use serde::Serialize;
use smielfy::{
    dataset::Doubt,
    label::{Fix, Fixes, LabelError},
};

use crate::{
    http::{pages, refusal::Refusal},
    local::{SmileyView, jpeg, with},
};

/// The page's file.
const PAGE: &str = "doubts.html";

type Shared = State<Arc<Mutex<Fixes>>>;

/// The page and its API, for whoever knows the token.
pub fn routes() -> Router<Arc<Mutex<Fixes>>> {
    Router::new()
        .route("/doubts/{token}", get(page))
        .route("/doubts/{token}/api/doubts", get(doubts))
        .route("/doubts/{token}/api/actions", post(act))
        .route("/doubts/{token}/pictures/{number}", get(picture))
}

async fn page(headers: HeaderMap) -> Response {
    pages::file(&headers, PAGE)
}

#[derive(Serialize)]
struct DoubtsView {
    smileys: Vec<SmileyView>,
    doubts: Vec<DoubtView>,
}

#[derive(Serialize)]
struct DoubtView {
    /// Its number, as text: what is asked about has an id.
    id: String,
    #[serde(flatten)]
    doubt: Doubt,
    answered: AnsweredView,
}

#[derive(Serialize)]
struct AnsweredView {
    label: Option<String>,
}

#[derive(Serialize)]
struct Changed {
    doubt: Option<DoubtView>,
}

async fn doubts(State(fixes): Shared) -> Result<Json<DoubtsView>, Refusal> {
    let view = |fixes: &mut Fixes| {
        let answers = fixes.answers();
        let doubt = |(number, doubt): (usize, &Doubt)| DoubtView::of(number, doubt, answers.get(&number).copied());
        let doubts = fixes.doubts().iter().enumerate().map(doubt).collect();
        DoubtsView { smileys: SmileyView::all(fixes.smileys()), doubts }
    };
    Ok(Json(with(&fixes, view).await?))
}

async fn act(State(fixes): Shared, fix: Result<Json<Fix>, JsonRejection>) -> Result<Json<Changed>, Refusal> {
    let Json(fix) = fix?;
    let done = with(&fixes, move |fixes| {
        let number = fixes.act(fix)?;
        let view = |number: usize| DoubtView::of(number, &fixes.doubts()[number], fixes.answers().get(&number).copied());
        Ok::<_, LabelError>(Changed { doubt: number.map(view) })
    });
    Ok(Json(done.await??))
}

async fn picture(State(fixes): Shared, Path((_, number)): Path<(String, usize)>) -> Result<Response, Refusal> {
    Ok(jpeg(with(&fixes, move |fixes| fixes.picture(number)).await??))
}

impl DoubtView {
    fn of(number: usize, doubt: &Doubt, label: Option<&str>) -> Self {
        let answered = AnsweredView { label: label.map(str::to_owned) };
        Self { id: number.to_string(), doubt: doubt.clone(), answered }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use reqwest::{Client, StatusCode};
    use serde_json::{Value, json};
    use smielfy::{dataset::SmileyDataset, smileys::Smileys};
    use smielfy_vision::{PictureFormat, RgbImage, encode};
    use tokio::net::TcpListener;

    use super::*;
    use crate::local::router;

    const MANIFEST: &str = "file,smiley,group,split,source,origin,width,height,face_x,face_y,face_side\n\
        a.png,wink,g,train,web,eye,8,8,0,0,8\ngone.png,grin,h,train,web,eye,8,8,0,0,8\n";

    /// Doubts of a dataset of two labels, the picture of one of which is missing.
    fn fixes(folder: &Path) -> Fixes {
        fs::create_dir(folder.join("images")).unwrap();
        fs::write(folder.join("images/a.png"), encode(&RgbImage::new(8, 8), PictureFormat::Png).unwrap()).unwrap();
        fs::write(folder.join("manifest.csv"), MANIFEST).unwrap();
        let doubt = |(file, smiley): (&str, &str)| Doubt {
            file: file.into(),
            smiley: smiley.into(),
            rather: "kiss".into(),
            share: 0.25,
            rather_share: 0.5,
            face_x: 0.0,
            face_y: 0.0,
            face_side: 8.0,
        };
        let doubts: Vec<Doubt> = [("gone.png", "grin"), ("a.png", "wink")].into_iter().map(doubt).collect();
        Fixes::keep(&SmileyDataset::load(folder).unwrap(), &doubts).unwrap();
        Fixes::open(folder, Smileys::default()).unwrap()
    }

    #[tokio::test]
    async fn doubts_are_told_shown_and_answered() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let page = format!("http://{}/doubts/token", listener.local_addr().unwrap());
        let site = router(routes(), Arc::new(Mutex::new(fixes(folder.path()))), "token");
        tokio::spawn(async move { axum::serve(listener, site).await });

        let client = Client::new();
        let get = async |path: &str| client.get(format!("{page}{path}")).send().await.unwrap();
        let told: Value = serde_json::from_slice(&get("/api/doubts").await.bytes().await.unwrap()).unwrap();
        assert_eq!(told["smileys"].as_array().unwrap().len(), 17);
        let expected = json!({
            "id": "0", "file": "gone.png", "smiley": "grin", "rather": "kiss", "share": 0.25, "rather_share": 0.5,
            "face_x": 0.0, "face_y": 0.0, "face_side": 8.0, "answered": { "label": null },
        });
        assert_eq!(told["doubts"][0], expected);
        assert_eq!(get("/pictures/1").await.headers()["content-type"], "image/jpeg");
        for (path, status) in [("", 200), ("/pictures/1", 200), ("/pictures/0", 500), ("/pictures/2", 404), ("/pictures/x", 400)]
        {
            assert_eq!(get(path).await.status().as_u16(), status, "{path}");
        }
        assert!(get("/pictures/0").await.text().await.unwrap().contains("gone.png"), "the missing picture is named");

        let act = async |action: Value| {
            let request = client.post(format!("{page}/api/actions")).header("content-type", "application/json");
            request.body(action.to_string()).send().await.unwrap()
        };
        let changed = act(json!({ "do": "label", "doubt": 1, "label": "kiss" })).await;
        assert_eq!(changed.status(), StatusCode::OK);
        let changed: Value = serde_json::from_slice(&changed.bytes().await.unwrap()).unwrap();
        assert_eq!((&changed["doubt"]["id"], &changed["doubt"]["answered"]["label"]), (&json!("1"), &json!("kiss")));
        assert_eq!(fs::read_to_string(folder.path().join("manifest.csv")).unwrap(), MANIFEST.replace("wink", "kiss"));
        assert_eq!(act(json!({ "do": "undo" })).await.status(), StatusCode::OK);
        assert_eq!(fs::read_to_string(folder.path().join("manifest.csv")).unwrap(), MANIFEST);
    }
}
