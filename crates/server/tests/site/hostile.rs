//! What visitors try who do not mean well, or whose machines do not: each is told what is wrong and counted, and nothing is lost.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use smielfy_server::{Bucket, Limits};
use smielfy_vision::{PictureFormat, RgbImage, encode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use crate::support::{TestSite, new_key, picture, send};

/// Limits that are met soon.
fn tight() -> Limits {
    let bucket = |capacity| Bucket { capacity, per_minute: 0.6 };
    Limits {
        uploads: bucket(3.0),
        tokens: bucket(4.0),
        guesses: bucket(5.0),
        photos_per_receipt: 2,
        upload_time: Duration::from_secs(2),
    }
}

#[tokio::test]
async fn what_is_no_picture_is_refused() {
    let site = TestSite::start().await;
    let me = site.contributor().await;
    let jpeg = picture(64, 64);
    for bytes in
        [vec![], b"GIF89a".to_vec(), b"<svg onload=alert(1)>".to_vec(), b"%PDF-1.7".to_vec(), jpeg[..jpeg.len() / 2].to_vec()]
    {
        site.upload(&me, "wink", bytes).await.refused(415, "no_picture");
    }
    assert_eq!(site.counter("smielfy_refusals_total{code=\"no_picture\"}").await, 5);
    assert_eq!(site.files().len(), 0);
    assert_eq!(site.get_as(&me, "/api/receipt").await.json()["photos"], json!([]));
}

#[tokio::test]
async fn pictures_that_claim_too_many_pixels_are_refused() {
    let site = TestSite::start().await;
    let me = site.contributor().await;
    let mut bomb = picture(16, 16);
    let frame = bomb.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    bomb[frame + 5..frame + 9].copy_from_slice(&[0x75, 0x30, 0x75, 0x30]);
    site.upload(&me, "wink", bomb).await.refused(415, "too_many_pixels");
    let flat = encode(&RgbImage::new(6000, 5000), PictureFormat::Png).unwrap();
    assert!(flat.len() < 1_000_000, "90 MB of pixels in {} bytes", flat.len());
    site.upload(&me, "wink", flat).await.refused(415, "too_many_pixels");
}

#[tokio::test]
async fn nothing_but_pixels_survives_in_a_picture_that_is_also_something_else() {
    let site = TestSite::start().await;
    let me = site.contributor().await;
    let mut polyglot = picture(64, 64);
    polyglot.extend(b"PK\x03\x04<script>alert('polyglot')</script>");
    let comment = b"<?php system('polyglot'); ?>";
    let marker = [&[0xff, 0xfe, 0, comment.len() as u8 + 2], comment.as_slice()].concat();
    polyglot.splice(2..2, marker);
    let photo = site.upload(&me, "wink", polyglot).await.json()["id"].as_str().unwrap().to_owned();
    let stored = site.get_as(&me, &format!("/api/photos/{photo}")).await;
    assert!(!stored.text().contains("polyglot"));
    assert_eq!(stored.headers["x-content-type-options"], "nosniff");
}

#[tokio::test]
async fn bodies_have_limits() {
    let site = TestSite::start().await;
    let me = site.contributor().await;
    site.upload(&me, "wink", vec![0; 8 * 1024 * 1024 + 1]).await.refused(413, "too_large");
    let long = json!({"consent_version": "x".repeat(100_000), "adult": true, "train": true, "publish": true, "example": true});
    site.post_as("", "/api/receipts", &long).await.refused(413, "too_large");
    let endless = chunked_upload(&site, &me, 9 * 1024 * 1024).await;
    assert!(endless.starts_with("HTTP/1.1 413 "), "{endless}");
}

/// Sends so many bytes without saying before how many there will be.
async fn chunked_upload(site: &TestSite, who: &str, bytes: usize) -> String {
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    stream.write_all(head(who, "Transfer-Encoding: chunked").as_bytes()).await.unwrap();
    let chunk = [b"10000\r\n".as_slice(), &vec![7; 65536], b"\r\n"].concat();
    for _ in 0..bytes / 65536 {
        if stream.write_all(&chunk).await.is_err() {
            break;
        }
    }
    first_bytes(&mut stream).await
}

/// The head of an upload, to be sent as it is.
fn head(who: &str, more: &str) -> String {
    let key = new_key();
    format!(
        "POST /api/photos?smiley=wink HTTP/1.1\r\nHost: x\r\nAuthorization: {who}\r\nIdempotency-Key: {key}\r\n{more}\r\n\r\n"
    )
}

async fn first_bytes(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 4096];
    let read = stream.read(&mut bytes).await.unwrap_or(0);
    String::from_utf8_lossy(&bytes[..read]).into_owned()
}

#[tokio::test]
async fn slow_uploads_are_given_up_and_the_others_go_on() {
    let site = TestSite::with_limits(tight()).await;
    let me = site.contributor().await;
    let mut slow = TcpStream::connect(site.address).await.unwrap();
    slow.write_all(head(&me, "Content-Length: 100000").as_bytes()).await.unwrap();
    slow.write_all(b"a few bytes").await.unwrap();
    assert_eq!(site.upload(&me, "wink", picture(64, 64)).await.status, 201, "somebody else comes first");
    assert!(first_bytes(&mut slow).await.starts_with("HTTP/1.1 408 "));
    assert_eq!(site.counter("smielfy_refusals_total{code=\"too_slow\"}").await, 1);
}

#[tokio::test]
async fn an_upload_that_is_cut_off_leaves_nothing() {
    let site = TestSite::start().await;
    let me = site.contributor().await;
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    stream.write_all(head(&me, "Content-Length: 100000").as_bytes()).await.unwrap();
    stream.write_all(&picture(64, 64)).await.unwrap();
    drop(stream);
    sleep(Duration::from_millis(100)).await;
    assert_eq!(site.files().len(), 0);
    assert_eq!(site.get_as(&me, "/api/receipt").await.json()["photos"], json!([]));
}

#[tokio::test]
async fn floods_from_one_address_and_for_one_receipt_are_held_back() {
    let site = TestSite::with_limits(Limits { photos_per_receipt: 100, ..tight() }).await;
    let me = site.contributor().await;
    for _ in 0..3 {
        assert_eq!(site.upload(&me, "wink", picture(64, 64)).await.status, 201);
    }
    let held = site.upload(&me, "wink", picture(64, 64)).await;
    held.refused(429, "too_many");
    assert_eq!(held.headers["retry-after"], "100", "seconds, at 0.6 a minute");
    let another = site.contributor().await;
    site.upload(&another, "wink", picture(64, 64)).await.refused(429, "too_many");
    assert_eq!(site.counter("smielfy_refusals_total{code=\"too_many\"}").await, 2);
    assert_eq!(site.get_as(&me, "/api/receipt").await.json()["photos"].as_array().unwrap().len(), 3, "nothing is lost");

    for _ in 0..2 {
        site.contributor().await;
    }
    let version = site.get("/api/config").await.json()["consent"]["version"].clone();
    let agreement = json!({"consent_version": version, "adult": true, "train": true, "publish": false, "example": false});
    site.post_as("", "/api/receipts", &agreement).await.refused(429, "too_many");
}

#[tokio::test]
async fn a_receipt_has_only_so_many_photos() {
    let site = TestSite::with_limits(tight()).await;
    let me = site.contributor().await;
    site.give(&me, "wink").await;
    site.give(&me, "wink").await;
    site.upload(&me, "wink", picture(64, 64)).await.refused(422, "receipt_full");
}

#[tokio::test]
async fn whoever_guesses_secrets_is_not_listened_to_any_more() {
    let site = TestSite::with_limits(tight()).await;
    let me = site.contributor().await;
    for number in 0..5 {
        site.get_as(&format!("Receipt 0000{number}-00000-00000-00000-00000-0"), "/api/receipt")
            .await
            .refused(401, "unknown_secret");
    }
    site.get_as("Receipt 00000-00000-00000-00000-00000-0", "/api/receipt").await.refused(429, "too_many");
    site.get_as(&me, "/api/receipt").await.refused(429, "too_many");
    site.get_as(&site.admin(), "/api/admin/overview").await.refused(429, "too_many");
}

#[tokio::test]
async fn a_receipt_that_was_erased_is_worth_nothing() {
    let site = TestSite::start().await;
    let me = site.contributor().await;
    let key = new_key();
    assert_eq!(site.upload_again(&me, "wink", picture(64, 64), &key).await.status, 201);
    site.delete_as(&me, "/api/receipt").await;
    site.upload_again(&me, "wink", picture(64, 64), &key).await.refused(401, "unknown_secret");
    site.delete_as(&me, "/api/receipt").await.refused(401, "unknown_secret");
    assert_eq!(site.files().len(), 0);
}

#[tokio::test]
async fn the_ways_of_paths_lead_nowhere() {
    let site = TestSite::start().await;
    let me = site.contributor().await;
    let admin = site.admin();
    for path in [
        "/assets/../Cargo.toml",
        "/assets/%2e%2e/%2e%2e/Cargo.toml",
        "/assets/..%2fCargo.toml",
        "/assets//etc/passwd",
        "/assets/tests/x",
    ] {
        assert_eq!(site.get(path).await.status, 404, "{path}");
    }
    for id in ["..%2f..%2fsmielfy", "%00", "é", "a", "' or '1'='1"] {
        assert_eq!(site.get_as(&me, &format!("/api/photos/{id}")).await.status, 404, "{id}");
        assert_eq!(site.get_as(&admin, &format!("/api/admin/photos/{id}?thumbnail")).await.status, 404, "{id}");
        assert_eq!(site.get(&format!("/api/examples/{id}")).await.status, 404, "{id}");
    }
    for smiley in ["../../wink", "wink%00", "", "%27;drop%20table%20photos"] {
        site.upload(&me, smiley, picture(64, 64)).await.refused(422, "unknown_smiley");
    }
    let request = site.request(Method::POST, "/api/photos?smiley=wink").header("authorization", &me);
    send(request.header("idempotency-key", "../../../../../etc/passwd").body(picture(64, 64))).await.refused(400, "malformed");
}

#[tokio::test]
async fn other_sites_make_nobodys_browser_do_anything() {
    let site = TestSite::start().await;
    let me = site.contributor().await;
    let from = |origin: &str| site.request(Method::DELETE, "/api/receipt").header("authorization", &me).header("origin", origin);
    send(from("https://evil.example")).await.refused(403, "cross_site");
    send(from("null")).await.refused(403, "cross_site");
    let request = site.request(Method::POST, "/api/voters").header("sec-fetch-site", "cross-site");
    send(request).await.refused(403, "cross_site");
    let socket = site.request(Method::GET, "/api/live").header("connection", "upgrade").header("upgrade", "websocket");
    send(socket.header("origin", "https://evil.example")).await.refused(403, "cross_site");
    let simple = site.request(Method::POST, "/api/receipts").header("content-type", "text/plain").body("{}");
    send(simple).await.refused(400, "malformed");
    assert_eq!(site.get_as(&me, "/api/receipt").await.status, 200);
    assert_eq!(send(from(&format!("http://{}", site.address))).await.status, 204, "our own pages may");
}

#[tokio::test]
async fn nothing_that_is_sent_comes_back_in_headers() {
    let site = TestSite::start().await;
    let me = site.contributor().await;
    for path in
        ["/api/proposal?skip=%0d%0aSet-Cookie:%20a=b", "/%0d%0aSet-Cookie:%20a=b", "/api/examples/%0d%0aSet-Cookie:%20a=b"]
    {
        let answer = site.get(path).await;
        assert_eq!(answer.headers.get("set-cookie"), None, "{path}");
        assert!(
            !answer.headers.values().any(|value| value.as_bytes().contains(&b'=') && value.as_bytes().starts_with(b"a=")),
            "{path}"
        );
    }
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    stream.write_all(head(&me, "X-Test: a\r\n\0Set-Cookie: a=b").as_bytes()).await.unwrap();
    assert!(first_bytes(&mut stream).await.starts_with("HTTP/1.1 400 "));
}

#[tokio::test]
async fn wrong_types_and_methods_are_told() {
    let site = TestSite::start().await;
    site.post_as("", "/api/receipts", &json!([1, 2])).await.refused(400, "malformed");
    site.post_as("", "/api/receipts", &json!({"adult": "yes"})).await.refused(400, "malformed");
    site.get("/api/receipts").await.refused(405, "wrong_method");
    site.get("/nowhere").await.refused(404, "not_found");
    site.get_as(&site.admin(), "/api/admin/photos?page=-1").await.refused(400, "malformed");
    site.get_as(&site.admin(), "/api/admin/photos?state=odd").await.refused(400, "malformed");
    site.get("/api/live").await.refused(400, "malformed");
}
