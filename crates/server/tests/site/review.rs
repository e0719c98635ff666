//! Visitors judge each other's photos.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::{TestSite, picture};

/// The header of a new voter; `who` may be a contributor's, or empty.
async fn voter(site: &TestSite, who: &str) -> String {
    let answer = site.post_as(who, "/api/voters", &json!({})).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    format!("Voter {}", answer.json()["voter"].as_str().unwrap())
}

/// The next task of a voter, or null.
async fn next(site: &TestSite, voter: &str) -> Value {
    let answer = site.get_as(voter, "/api/review").await;
    if answer.status == 204 { Value::Null } else { answer.json() }
}

async fn say(site: &TestSite, voter: &str, task: &Value, answer: &str) {
    let path = format!("/api/review/{}", task["task"].as_str().unwrap());
    let said = site.post_as(voter, &path, &json!({"answer": answer})).await;
    assert_eq!(said.status, 204, "{}", said.text());
}

/// Lets a new voter answer the only task there is.
async fn vote(site: &TestSite, answer: &str) {
    let voter = voter(site, "").await;
    let task = next(site, &voter).await;
    say(site, &voter, &task, answer).await;
}

async fn state(site: &TestSite, owner: &str) -> String {
    site.get_as(owner, "/api/receipt").await.json()["photos"][0]["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn two_who_agree_decide_and_a_third_breaks_ties() {
    for (answers, expected) in [
        (["yes", "yes"].as_slice(), "accepted"),
        (&["no", "not_a_face"], "rejected"),
        (&["unsafe", "unsafe"], "rejected"),
        (&["yes", "no"], "waiting"),
        (&["yes", "no", "yes"], "accepted"),
    ] {
        let site = TestSite::start().await;
        let me = site.contributor().await;
        site.give(&me, "wink").await;
        for answer in answers {
            assert_eq!(state(&site, &me).await, "waiting");
            vote(&site, answer).await;
        }
        assert_eq!(state(&site, &me).await, expected, "{answers:?}");
    }
}

#[tokio::test]
async fn nobody_judges_a_photo_twice_or_an_own_one() {
    let site = TestSite::start().await;
    let me = site.contributor().await;
    site.give(&me, "wink").await;
    let owner = voter(&site, &me).await;
    assert_eq!(next(&site, &owner).await, Value::Null);

    let other = voter(&site, "").await;
    let task = next(&site, &other).await;
    assert_eq!(task["smiley"], "wink");
    assert_eq!(next(&site, &other).await, task, "a task stays until it is done");
    let image = format!("/api/review/{}/image", task["task"].as_str().unwrap());
    assert_eq!(site.get_as(&other, &image).await.headers["content-type"], "image/jpeg");
    site.get_as(&owner, &image).await.refused(404, "not_found");
    let third = voter(&site, "").await;
    let path = format!("/api/review/{}", task["task"].as_str().unwrap());
    site.post_as(&third, &path, &json!({"answer": "yes"})).await.refused(404, "not_found");

    say(&site, &other, &task, "yes").await;
    site.post_as(&other, &path, &json!({"answer": "yes"})).await.refused(409, "answered");
    assert_eq!(next(&site, &other).await, Value::Null);
    site.post_as(&other, &path, &json!({"answer": "maybe"})).await.refused(400, "malformed");
}

#[tokio::test]
async fn voters_who_fail_at_known_answers_count_for_less() {
    let site = TestSite::start().await;
    let me = site.contributor().await;
    for _ in 0..6 {
        let known = site.give(&me, "wink").await;
        site.admin_does(&known, "known").await;
    }
    let blind = voter(&site, "").await;
    let mut asked = HashSet::new();
    for _ in 0..400 {
        let task = next(&site, &blind).await;
        if task.is_null() {
            continue;
        }
        assert!(asked.insert(task["task"].as_str().unwrap().to_owned()));
        say(&site, &blind, &task, "unsafe").await;
    }
    assert_eq!(asked.len(), 6, "one task in five has a known answer, each once");
    let photos = site.get_as(&site.admin(), "/api/admin/photos").await.json();
    assert!(
        photos["photos"].as_array().unwrap().iter().all(|photo| photo["state"] == "accepted"),
        "known photos stay as they are"
    );

    let judged = site.upload(&me, "grin", picture(120, 80)).await.json()["id"].as_str().unwrap().to_owned();
    let entry =
        async || site.get_as(&site.admin(), &format!("/api/admin/photos?text={judged}")).await.json()["photos"][0].clone();
    let task = next(&site, &blind).await;
    say(&site, &blind, &task, "no").await;
    vote_on(&site, &judged, "no").await;
    assert_eq!(
        (&entry().await["state"], &entry().await["votes"]["no"]),
        (&json!("waiting"), &json!(2)),
        "1 and 1/7 are not enough"
    );
    vote_on(&site, &judged, "no").await;
    assert_eq!(entry().await["state"], "rejected");
}

/// Lets a new voter answer about this photo: the first one who is not asked about another one first.
async fn vote_on(site: &TestSite, photo: &str, answer: &str) {
    let wanted = site.get_as(&site.admin(), &format!("/api/admin/photos/{photo}")).await.body;
    loop {
        let voter = voter(site, "").await;
        let task = next(site, &voter).await;
        let image = format!("/api/review/{}/image", task["task"].as_str().unwrap());
        if site.get_as(&voter, &image).await.body == wanted {
            return say(site, &voter, &task, answer).await;
        }
    }
}

#[tokio::test]
async fn reviewers_learn_neither_owner_nor_opinion() {
    let site = TestSite::start().await;
    let me = site.contributor().await;
    let photo = site.give(&me, "wink").await;
    while site.site.looker.form_opinion(&site.site.keeper).await.unwrap() {}
    let voter = voter(&site, "").await;
    let task = next(&site, &voter).await;
    let keys: Vec<&String> = task.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["smiley", "task"]);
    assert_ne!(task["task"], photo.as_str());
    site.get_as(&voter, "/api/admin/photos").await.refused(401, "unknown_secret");
}
