//! The learning rate as a function of the step: a warm-up, then half a cosine (Loshchilov and Hutter 2017).

use serde::{Deserialize, Serialize};

/// How the learning rate runs over a training.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleParams {
    /// Highest learning rate, reached after the warm-up.
    pub learning_rate: f64,
    /// Epochs in which it rises from 0, a fraction if need be.
    pub warmup_epochs: f64,
    /// Share of the highest rate that is left at the end.
    pub final_share: f64,
}

impl Default for ScheduleParams {
    /// AdamW's usual rate for small nets with batch norm, down to a hundredth.
    fn default() -> Self {
        Self { learning_rate: 2e-3, warmup_epochs: 1.0, final_share: 0.01 }
    }
}

impl ScheduleParams {
    /// Learning rate at `progress` epochs into a training of `epochs`.
    pub fn rate(&self, progress: f64, epochs: f64) -> f64 {
        if progress < self.warmup_epochs {
            return self.learning_rate * progress / self.warmup_epochs;
        }
        let done = ((progress - self.warmup_epochs) / (epochs - self.warmup_epochs).max(f64::EPSILON)).min(1.0);
        let cosine = f64::midpoint(1.0, (std::f64::consts::PI * done).cos());
        self.learning_rate * (self.final_share + (1.0 - self.final_share) * cosine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rises_and_falls() {
        let schedule = ScheduleParams { learning_rate: 1.0, warmup_epochs: 2.0, final_share: 0.1 };
        let table = [(0.0, 0.0), (1.0, 0.5), (2.0, 1.0), (6.0, 0.55), (10.0, 0.1), (99.0, 0.1)];
        for (progress, expected) in table {
            let rate = schedule.rate(progress, 10.0);
            assert!((rate - expected).abs() < 1e-9, "{progress}: {rate}");
        }
    }
}
