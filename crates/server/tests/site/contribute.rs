//! Consent, uploads, the receipt, and what erasing leaves.

use std::{collections::HashMap, io::Cursor, io::Read as _};

use reqwest::Method;
use serde_json::json;
use smielfy_vision::decode;

use crate::support::{TestSite, demo, new_key, picture, send};

#[tokio::test]
async fn a_receipt_needs_consent_to_the_text_of_today() {
    let site = TestSite::start().await;
    let version = site.get("/api/config").await.json()["consent"]["version"].clone();
    let agreement = |version: &serde_json::Value, adult, train| json!({"consent_version": version, "adult": adult, "train": train, "publish": false, "example": false});
    let ask = async |body| site.post_as("", "/api/receipts", &body).await;
    ask(agreement(&version, false, true)).await.refused(422, "not_adult");
    ask(agreement(&version, true, false)).await.refused(422, "no_consent");
    ask(agreement(&json!("1999-12-31"), true, true)).await.refused(409, "other_consent");
    ask(json!({"adult": true})).await.refused(400, "malformed");
    let answer = ask(agreement(&version, true, true)).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.json()["receipt"].as_str().unwrap().len(), 31, "{}", answer.text());
    assert_eq!(answer.headers.get("set-cookie"), None);
}

#[tokio::test]
async fn a_contributor_sees_downloads_and_erases_what_was_sent() {
    let site = TestSite::start().await;
    let me = site.contributor_who(true, false).await;
    let answer = site.upload(&me, "wink", picture(300, 200)).await;
    assert_eq!((answer.status.as_u16(), answer.json()["given"].as_u64()), (201, Some(1)), "{}", answer.text());
    let first = answer.json()["id"].as_str().unwrap().to_owned();
    let second = site.give(&me, "grin").await;

    let receipt = site.get_as(&me, "/api/receipt").await.json();
    assert_eq!(receipt["consent"]["publish"], true);
    assert_eq!(receipt["consent"]["example"], false);
    let photos = receipt["photos"].as_array().unwrap();
    assert_eq!(photos.len(), 2);
    let photo =
        json!({"id": first, "smiley": "wink", "state": "waiting", "created": photos[0]["created"], "width": 300, "height": 200});
    assert_eq!(photos[0], photo);

    let full = site.get_as(&me, &format!("/api/photos/{first}")).await;
    assert_eq!(full.headers["content-type"], "image/jpeg");
    assert_eq!(full.headers["cache-control"], "no-store");
    assert_eq!(decode(&full.body).unwrap().dimensions(), (300, 200));
    let small = site.get_as(&me, &format!("/api/photos/{first}?thumbnail")).await;
    assert_eq!(decode(&small.body).unwrap().dimensions(), (256, 171));

    let archive = site.get_as(&me, "/api/receipt/archive").await;
    let mut archive = zip::ZipArchive::new(Cursor::new(archive.body)).unwrap();
    let mut files = HashMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.insert(file.name().unwrap().into_owned(), bytes);
    }
    assert_eq!(files[&format!("wink-{}.jpg", &first[..8])], full.body);
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&files["receipt.json"]).unwrap(), receipt);
    assert_eq!(files.len(), 3);

    assert_eq!(site.delete_as(&me, &format!("/api/photos/{first}")).await.status, 204);
    site.get_as(&me, &format!("/api/photos/{first}")).await.refused(404, "not_found");
    site.delete_as(&me, &format!("/api/photos/{first}")).await.refused(404, "not_found");
    assert_eq!(site.files().len(), 2, "the other photo and its thumbnail");
    assert_eq!(site.delete_as(&me, "/api/receipt").await.status, 204);
    site.get_as(&me, "/api/receipt").await.refused(401, "unknown_secret");
    assert_eq!(site.files(), [""; 0].map(std::path::PathBuf::from));
    let erasures = site.get_as(&site.admin(), "/api/admin/erasures").await.json();
    let mut names: Vec<&str> =
        erasures["erasures"].as_array().unwrap().iter().map(|row| row["photo"].as_str().unwrap()).collect();
    names.sort_unstable();
    let mut expected = [first.as_str(), &second];
    expected.sort_unstable();
    assert_eq!(names, expected, "tombstones stay");
}

#[tokio::test]
async fn erasing_takes_votes_and_opinions_along() {
    let site = TestSite::start().await;
    let me = site.contributor().await;
    let photo = site.give(&me, "wink").await;
    assert!(site.site.looker.form_opinion(&site.site.keeper).await.unwrap());
    let voter = site.post_as("", "/api/voters", &json!({})).await.json()["voter"].as_str().unwrap().to_owned();
    let voter = format!("Voter {voter}");
    let task = site.get_as(&voter, "/api/review").await.json()["task"].as_str().unwrap().to_owned();
    site.post_as(&voter, &format!("/api/review/{task}"), &json!({"answer": "yes"})).await;
    assert_eq!(site.get_as(&site.admin(), "/api/admin/overview").await.json()["votes"], 1);

    site.delete_as(&me, &format!("/api/photos/{photo}")).await;
    let overview = site.get_as(&site.admin(), "/api/admin/overview").await.json();
    assert_eq!((&overview["votes"], &overview["erasures"]), (&json!(0), &json!(1)));
    site.get_as(&voter, &format!("/api/review/{task}/image")).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_upload_that_is_sent_again_is_stored_once() {
    let site = TestSite::start().await;
    let (me, other) = (site.contributor().await, site.contributor().await);
    let key = new_key();
    let first = site.upload_again(&me, "wink", picture(64, 64), &key).await;
    let again = site.upload_again(&me, "wink", picture(64, 64), &key).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert_eq!(first.json(), again.json());
    let of_other = site.upload_again(&other, "wink", picture(64, 64), &key).await.json();
    assert_ne!(of_other["id"], first.json()["id"], "a key is one of its receipt");
    assert_eq!(of_other["given"], 1);
}

#[tokio::test]
async fn photos_are_stored_upright_small_and_without_metadata() {
    let site = TestSite::start().await;
    let me = site.contributor().await;
    let photo = site.upload(&me, "wink", with_exif(&picture(2000, 1000))).await.json()["id"].as_str().unwrap().to_owned();
    let stored = site.get_as(&me, &format!("/api/photos/{photo}")).await.body;
    assert_eq!(decode(&stored).unwrap().dimensions(), (640, 1280), "turned, and its longest side limited");
    for secret in [b"Exif".as_slice(), b"GPS-Sydney"] {
        assert!(!stored.windows(secret.len()).any(|window| window == secret));
    }
}

/// A JPEG that says that it lies on its side, and where it was taken.
fn with_exif(jpeg: &[u8]) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    exif.extend(b"GPS-Sydney");
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend((exif.len() as u16 + 2).to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    bytes
}

#[tokio::test]
async fn the_rarest_smiley_is_proposed_with_an_example() {
    let site = TestSite::start().await;
    let me = site.contributor().await;
    let ids: Vec<String> = smielfy::smileys::Smileys::default().ids();
    for id in ids.iter().filter(|id| *id != "kiss") {
        site.give(&me, id).await;
    }
    let proposal = site.get("/api/proposal").await.json();
    assert_eq!(proposal, json!({"smiley": "kiss", "example": "/api/examples/kiss"}));
    let next = site.get("/api/proposal?skip=kiss,wink").await.json()["smiley"].as_str().unwrap().to_owned();
    assert!(!["kiss", "wink"].contains(&next.as_str()));
    let all = site.get(&format!("/api/proposal?skip={}", ids.join(","))).await;
    assert_eq!(all.json()["smiley"], "kiss", "who skips all is asked again");
    let example = site.get("/api/examples/kiss").await;
    assert_eq!(example.headers["content-type"], "image/webp");
    site.get("/api/examples/none").await.refused(404, "not_found");
}

#[tokio::test]
async fn contributed_examples_need_their_owners_tick_and_acceptance() {
    let site = TestSite::start().await;
    let (shy, open) = (site.contributor().await, site.contributor_who(false, true).await);
    let hidden = site.give(&shy, "wink").await;
    let shown = site.give(&open, "wink").await;
    let kind = async || site.get("/api/examples/wink").await.headers["content-type"].to_str().unwrap().to_owned();
    site.admin_does(&hidden, "accept").await;
    assert_eq!(kind().await, "image/webp");
    site.admin_does(&shown, "accept").await;
    assert_eq!(kind().await, "image/jpeg");
    site.delete_as(&open, "/api/receipt").await;
    assert_eq!(kind().await, "image/webp");
}

#[tokio::test]
async fn a_photo_is_its_owners_alone() {
    let site = TestSite::start().await;
    let (me, other) = (site.contributor().await, site.contributor().await);
    let photo = site.give(&me, "wink").await;
    let path = format!("/api/photos/{photo}");
    site.get_as(&other, &path).await.refused(404, "not_found");
    site.delete_as(&other, &path).await.refused(404, "not_found");
    site.get(&path).await.refused(401, "unknown_secret");
    assert_eq!(site.get_as(&me, &path).await.status, 200);
    let answer = send(site.request(Method::GET, "/api/receipt").header("authorization", me.replace("Receipt", "Voter"))).await;
    answer.refused(401, "unknown_secret");
}

#[tokio::test]
async fn the_model_gives_an_opinion_of_faces() {
    let site = TestSite::start().await;
    let me = site.contributor().await;
    site.upload(&me, "wink", demo(1)).await;
    site.give(&me, "wink").await;
    while site.site.looker.form_opinion(&site.site.keeper).await.unwrap() {}
    let photos = site.get_as(&site.admin(), "/api/admin/photos").await.json();
    let opinions: Vec<&serde_json::Value> = photos["photos"].as_array().unwrap().iter().map(|photo| &photo["model"]).collect();
    assert_eq!(opinions.iter().filter(|opinion| opinion.is_null()).count(), 1, "no face, no opinion: {photos}");
    let seen = opinions.iter().find(|opinion| !opinion.is_null()).unwrap();
    assert!(seen["share"].as_f64().unwrap() > 0.0 && seen["weights"].as_str().unwrap().starts_with("smiley48"), "{seen}");
}
