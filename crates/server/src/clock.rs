//! Times: milliseconds since 1970 in the database, RFC 3339 for people and machines outside.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Milliseconds from 1970 (UTC) till now.
pub fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as i64
}

/// A duration in milliseconds.
pub fn ms(duration: Duration) -> i64 {
    duration.as_millis() as i64
}

/// A time such as `2026-11-26T07:30:00Z`, to the second.
pub fn rfc3339(time_ms: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(time_ms / 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    time.format(&Rfc3339).expect("years from 1970 to 9999 have such a form")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_utc_to_the_second() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_795_678_200_999), "2026-11-26T07:30:00Z");
    }
}
