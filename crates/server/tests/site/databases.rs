//! One suite for every database: what the site relies on, through its own functions and over HTTP.

use std::time::Duration;

use serde_json::json;
use smielfy_server::{Bucket, Catalog, Keeper, Limits, Store};

use crate::{
    postgres::Postgres,
    support::{TestSite, new_key, picture},
};

/// Everything that must be true of a database; `address` leads to an empty one.
async fn suite(address: &str) {
    replicas_share_everything(address).await;
    buckets_fill_up_again(address).await;
    what_a_kill_leaves_is_swept_away(address).await;
    the_site_works(address).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_does_what_the_site_relies_on() {
    let folder = tempfile::tempdir().unwrap();
    Box::pin(suite(folder.path().join("site.sqlite").to_str().unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_does_what_the_site_relies_on() {
    match Postgres::start() {
        Some(server) => {
            Box::pin(replicas_start_at_once(&server.address())).await;
            Box::pin(suite(&server.address())).await;
            Box::pin(limits_hold_for_all_replicas(&server.address())).await;
        }
        None => eprintln!("skipped: there is no PostgreSQL; `apt-get install postgresql` brings it"),
    }
}

async fn keeper(address: &str, store: &Store) -> Keeper {
    Keeper { catalog: Catalog::open(address).await.unwrap(), store: store.clone() }
}

/// Of several that find an empty database one makes the tables, and the others wait for it.
async fn replicas_start_at_once(address: &str) {
    let (one, two, three) = tokio::join!(Catalog::open(address), Catalog::open(address), Catalog::open(address));
    for catalog in [one, two, three] {
        catalog.unwrap().ping().await.unwrap();
    }
}

async fn replicas_share_everything(address: &str) {
    let store = Store::in_memory();
    let one = TestSite::of_keeper(keeper(address, &store).await, Limits::default()).await;
    let two = TestSite::of_keeper(keeper(address, &store).await, Limits::default()).await;
    let me = one.contributor().await;
    let photo = two.give(&me, "wink").await;
    assert_eq!(one.get_as(&me, &format!("/api/photos/{photo}")).await.status, 200);
    assert_eq!(one.delete_as(&me, "/api/receipt").await.status, 204);
    two.get_as(&me, "/api/receipt").await.refused(401, "unknown_secret");
    one.get_as(&format!("Bearer {}", two.admin), "/api/admin/overview").await.json();
}

async fn limits_hold_for_all_replicas(address: &str) {
    let uploads = Bucket { capacity: 3.0, per_minute: 0.1 };
    let limits = Limits { uploads, ..Limits::default() };
    let store = Store::in_memory();
    let sites = [
        TestSite::of_keeper(keeper(address, &store).await, limits).await,
        TestSite::of_keeper(keeper(address, &store).await, limits).await,
    ];
    let me = sites[0].contributor().await;
    let mut taken = 0;
    for turn in 0..6 {
        taken += i32::from(sites[turn % 2].upload(&me, "grin", picture(32, 32)).await.status == 201);
    }
    assert!(taken <= 3, "{taken} of 6 were taken where 3 may be");
    let receipt = sites[1].get_as(&me, "/api/receipt").await.json();
    assert_eq!(receipt["photos"].as_array().unwrap().len(), taken as usize);
    sites[0].delete_as(&me, "/api/receipt").await;
}

async fn buckets_fill_up_again(address: &str) {
    let catalog = Catalog::open(address).await.unwrap();
    // One that hardly fills up, however busy the machine is, and one that does at once.
    let [slow, fast] = [0.001, 60_000.0].map(|per_minute| Bucket { capacity: 2.0, per_minute });
    assert!(catalog.take("test", slow).await.unwrap());
    assert!(catalog.take("test", slow).await.unwrap());
    assert!(!catalog.take("test", slow).await.unwrap(), "it is empty");
    assert!(!catalog.has_token("test", slow).await.unwrap());
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert!(catalog.has_token("test", fast).await.unwrap());
    assert!(catalog.take("test", fast).await.unwrap(), "one comes each millisecond");
    catalog.forget_limits(Duration::ZERO).await.unwrap();
    assert!(catalog.has_token("test", slow).await.unwrap());
}

/// Every state in which a kill can leave a photo ends as if it had been erased or never been sent.
async fn what_a_kill_leaves_is_swept_away(address: &str) {
    let store = Store::in_memory();
    let site = TestSite::of_keeper(keeper(address, &store).await, Limits::default()).await;
    let keeper = &site.site.keeper;
    let (me, other) = (site.contributor().await, site.contributor().await);
    let hash = |who: &str| smielfy_server::Secret::parse(who.trim_start_matches("Receipt ")).unwrap().hash().as_str().to_owned();
    let (kept, withdrawn, of_erased) =
        (site.give(&me, "wink").await, site.give(&me, "wink").await, site.give(&other, "wink").await);

    // killed before the files were written, after, and while a photo or a receipt was erased
    let bytes = store.get(&kept, smielfy_server::Size::Full).await.unwrap().unwrap();
    keeper.catalog.add_photo("00aa", &hash(&me), &new_key(), "wink").await.unwrap();
    keeper.catalog.add_photo("00bb", &hash(&me), &new_key(), "wink").await.unwrap();
    store.put("00bb", bytes.clone(), bytes).await.unwrap();
    keeper.catalog.begin_erasing(&withdrawn).await.unwrap();
    keeper.catalog.erase_receipt(&hash(&other)).await.unwrap();
    let photos = site.get_as(&me, "/api/receipt").await.json()["photos"].as_array().unwrap().len();
    assert_eq!(photos, 1, "nobody sees what is half done");

    assert_eq!(keeper.sweep(Duration::from_mins(1)).await.unwrap(), 2, "who has just begun may go on");
    assert!(store.get("00bb", smielfy_server::Size::Full).await.unwrap().is_some());
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(keeper.sweep(Duration::from_millis(10)).await.unwrap(), 2);
    for gone in ["00aa", "00bb", &withdrawn, &of_erased] {
        for size in [smielfy_server::Size::Full, smielfy_server::Size::Thumbnail] {
            assert!(store.get(gone, size).await.unwrap().is_none(), "{gone}");
        }
        assert!(!keeper.catalog.has_photo(gone).await.unwrap());
    }
    let erasures = keeper.catalog.erasures().await.unwrap();
    let has_tombstone = |id: &str| erasures.iter().any(|erasure| erasure.photo == id);
    assert!(has_tombstone(&withdrawn) && has_tombstone(&of_erased));
    assert!(!has_tombstone("00bb") && !has_tombstone(&kept), "what nobody saw needs none");
    assert_eq!(site.get_as(&me, &format!("/api/photos/{kept}")).await.status, 200);
    assert_eq!(keeper.sweep(Duration::ZERO).await.unwrap(), 0);
}

/// A walk through all statements that are not met above.
async fn the_site_works(address: &str) {
    let site = TestSite::of_keeper(keeper(address, &Store::in_memory()).await, Limits::default()).await;
    let me = site.contributor_who(true, true).await;
    let photo = site.give(&me, "wink").await;
    assert!(site.site.looker.form_opinion(&site.site.keeper).await.unwrap());
    for _ in 0..2 {
        let voter = site.post_as("", "/api/voters", &json!({})).await.json();
        let voter = format!("Voter {}", voter["voter"].as_str().unwrap());
        loop {
            let task = site.get_as(&voter, "/api/review").await;
            if task.status == 204 {
                break;
            }
            let path = format!("/api/review/{}", task.json()["task"].as_str().unwrap());
            assert_eq!(site.post_as(&voter, &path, &json!({"answer": "yes"})).await.status, 204);
        }
    }
    let found = site.get_as(&site.admin(), &format!("/api/admin/photos?state=accepted&smiley=wink&text={photo}")).await.json();
    assert_eq!(found["photos"][0]["votes"]["yes"], 2, "{found}");
    assert_eq!(site.get("/api/examples/wink").await.headers["content-type"], "image/jpeg");
    site.admin_does(&photo, "known").await;
    let overview = site.get_as(&site.admin(), "/api/admin/overview").await.json();
    assert!(overview["votes"].as_i64().unwrap() >= 2, "{overview}");
    let release = site.post_as(&site.admin(), "/api/admin/releases", &json!({"public": true})).await;
    release.refused(500, "failed");
    assert!(release.text().contains("no accepted photo with a face"), "{}", release.text());
    assert_eq!(site.get_as(&site.admin(), "/api/admin/releases").await.json(), json!({"releases": []}));
}
