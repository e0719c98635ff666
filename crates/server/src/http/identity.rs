//! Who asks: the address, and the secret in `Authorization`, as extractors for handlers.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION, request::Parts},
};

use super::refusal::Refusal;
use crate::{
    catalog::{Bucket, Receipt, Voter},
    secrets::Secret,
    site::Site,
};

/// The header in which balancers say whom they speak for.
const FORWARDED_FOR: &str = "x-forwarded-for";
/// Groups of an IPv6 address that are one visitor's: a household has all addresses of the last four.
const IPV6_GROUPS: usize = 4;

/// The address of a visitor, as far as one person has it: of IPv6 the first half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

/// Somebody with a receipt.
pub struct Contributor(pub Receipt);

/// Somebody who judges.
pub struct Reviewer(pub Voter);

/// Whoever has the admin's secret.
pub struct Admin;

impl Address {
    /// Takes a token out of the visitor's bucket for `what`.
    ///
    /// # Errors
    /// A refusal if there is none.
    pub async fn limit(&self, site: &Site, what: &str, bucket: Bucket) -> Result<(), Refusal> {
        limit(site, what, &self.0, bucket).await
    }
}

/// Takes a token out of the bucket of `who` for `what`.
///
/// # Errors
/// A refusal if there is none.
pub async fn limit(site: &Site, what: &str, who: &str, bucket: Bucket) -> Result<(), Refusal> {
    if site.catalog().take(&site.bucket(what, who), bucket).await? { Ok(()) } else { Err(too_many(bucket)) }
}

fn too_many(bucket: Bucket) -> Refusal {
    let message = "That was a lot in a short time. Wait a little, then go on.";
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many", message).after(bucket.pause())
}

impl FromRequestParts<Arc<Site>> for Address {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Refusal> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let forwarded = if site.behind_proxy { forwarded_for(&parts.headers) } else { None };
        forwarded.or(peer).map(|address| Self(visitor(address))).ok_or_else(Refusal::busy)
    }
}

/// The last address of the header: the one that the balancer in front of us saw. Those before it anybody can write.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all(FORWARDED_FOR).iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

fn visitor(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            address.segments()[..IPV6_GROUPS].iter().fold(String::new(), |half, group| half + &format!("{group:x}:"))
        }
    }
}

impl FromRequestParts<Arc<Site>> for Contributor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Refusal> {
        let found = match secret(parts, site, "Receipt").await? {
            Some(secret) => site.catalog().receipt(&secret.hash()).await?,
            None => None,
        };
        known(found.map(Self), parts, site, "There is no receipt with this code. Check it letter by letter.").await
    }
}

impl FromRequestParts<Arc<Site>> for Reviewer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Refusal> {
        let found = match secret(parts, site, "Voter").await? {
            Some(secret) => site.catalog().voter(&secret.hash()).await?,
            None => None,
        };
        known(found.map(Self), parts, site, "Reload the page to go on judging.").await
    }
}

impl FromRequestParts<Arc<Site>> for Admin {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Refusal> {
        let is_admin = match secret(parts, site, "Bearer").await? {
            Some(secret) => site.is_admin(&secret).await?,
            None => false,
        };
        known(is_admin.then_some(Self), parts, site, "This is not the admin's secret.").await
    }
}

/// The secret of this scheme in the request. Whoever has given too many wrong ones is not listened to for a while.
async fn secret(parts: &mut Parts, site: &Arc<Site>, scheme: &str) -> Result<Option<Secret>, Refusal> {
    let bucket = site.limits.guesses;
    let Address(address) = Address::from_request_parts(parts, site).await?;
    if !site.catalog().has_token(&site.bucket("guesses", &address), bucket).await? {
        return Err(too_many(bucket));
    }
    let value = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let secret = value.and_then(|value| value.split_once(' ')).filter(|(given, _)| given.eq_ignore_ascii_case(scheme));
    Ok(secret.and_then(|(_, secret)| Secret::parse(secret)))
}

/// Who was found by a secret; a wrong one is counted as a guess.
async fn known<T>(found: Option<T>, parts: &mut Parts, site: &Arc<Site>, message: &str) -> Result<T, Refusal> {
    if let Some(found) = found {
        return Ok(found);
    }
    if parts.headers.contains_key(AUTHORIZATION) {
        let address = Address::from_request_parts(parts, site).await?;
        address.limit(site, "guesses", site.limits.guesses).await?;
    }
    Err(Refusal::new(StatusCode::UNAUTHORIZED, "unknown_secret", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_is_an_address_or_half_of_one() {
        for (address, expected) in
            [("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:")]
        {
            assert_eq!(visitor(address.parse().unwrap()), expected);
        }
    }

    #[test]
    fn balancers_append_to_what_visitors_may_have_written() {
        let headers =
            |values: &[&str]| values.iter().map(|value| (FORWARDED_FOR.parse().unwrap(), value.parse().unwrap())).collect();
        for (values, expected) in [
            (["192.0.2.1"].as_slice(), Some("192.0.2.1")),
            (&["10.0.0.1, 192.0.2.2"], Some("192.0.2.2")),
            (&["10.0.0.1", "192.0.2.3"], Some("192.0.2.3")),
            (&["nobody"], None),
            (&[], None),
        ] {
            assert_eq!(forwarded_for(&headers(values)), expected.map(|address| address.parse().unwrap()), "{values:?}");
        }
    }
}
