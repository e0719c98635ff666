//! Counters for machines that watch the site, in the text format of Prometheus.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
};

/// Counters by name and label; each begins at 0 when the program starts.
#[derive(Debug, Default)]
pub struct Metrics {
    counts: Mutex<BTreeMap<(Counter, String), u64>>,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counter {
    /// Answers, by status.
    Responses,
    /// What was refused, by the code of the error.
    Refusals,
    /// Photos that were stored.
    Stored,
    /// Photos that were erased by their owners.
    Erased,
    /// Live frames that were looked at.
    LiveFrames,
    /// Live frames that were dropped for later ones.
    LiveDropped,
}

impl Counter {
    /// Name, name of the label if there is one, and what it counts.
    const fn description(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Responses => ("smielfy_responses_total", "status", "Answers by status"),
            Self::Refusals => ("smielfy_refusals_total", "code", "Requests refused, by the code of the error"),
            Self::Stored => ("smielfy_photos_stored_total", "", "Photos stored"),
            Self::Erased => ("smielfy_photos_erased_total", "", "Photos erased by their owners"),
            Self::LiveFrames => ("smielfy_live_frames_total", "", "Live frames looked at"),
            Self::LiveDropped => ("smielfy_live_dropped_total", "", "Live frames dropped for later ones"),
        }
    }
}

impl Metrics {
    /// Counts one more.
    pub fn count(&self, counter: Counter, label: &str) {
        self.add(counter, label, 1);
    }

    /// Counts `number` more.
    pub fn add(&self, counter: Counter, label: &str, number: u64) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((counter, label.to_owned())).or_default() += number;
    }

    /// All counters as text.
    pub fn to_text(&self) -> String {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        let mut last = None;
        for ((counter, label), count) in counts.iter() {
            let (name, label_name, help) = counter.description();
            if last.replace(*counter) != Some(*counter) {
                write!(text, "# HELP {name} {help}\n# TYPE {name} counter\n").expect("a string takes all text");
            }
            let label = if label_name.is_empty() { String::new() } else { format!("{{{label_name}=\"{label}\"}}") };
            writeln!(text, "{name}{label} {count}").expect("a string takes all text");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_text_for_prometheus() {
        let metrics = Metrics::default();
        metrics.count(Counter::Stored, "");
        metrics.count(Counter::Responses, "200");
        metrics.add(Counter::Responses, "404", 2);
        metrics.count(Counter::Responses, "200");
        assert_eq!(
            metrics.to_text(),
            "# HELP smielfy_responses_total Answers by status\n# TYPE smielfy_responses_total counter\n\
             smielfy_responses_total{status=\"200\"} 2\nsmielfy_responses_total{status=\"404\"} 2\n\
             # HELP smielfy_photos_stored_total Photos stored\n# TYPE smielfy_photos_stored_total counter\n\
             smielfy_photos_stored_total 1\n"
        );
    }
}
