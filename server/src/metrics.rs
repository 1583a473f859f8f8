//! Metrics in CloudWatch's Embedded Metric Format: a line in a function's log becomes a metric, without an API call.

use crate::now;
use model::time::Time;
use serde_json::{Value, json};

/// Namespace of all of Shoebox's own metrics.
const NAMESPACE: &str = "Shoebox";

/// The unit of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A duration.
    Milliseconds,
    /// A count.
    Count,
}

/// Records one value. Dimensions are in addition to the stage; each combination of their values is billed as a metric of its own, so
/// none may name a person or a photo.
pub fn record(name: &str, value: f64, unit: Unit, dimensions: &[(&str, &str)]) {
    let stage = std::env::var("SHOEBOX_STAGE").unwrap_or_default();
    println!("{}", line(now(), &stage, name, value, unit, dimensions));
}

fn line(at: Time, stage: &str, name: &str, value: f64, unit: Unit, dimensions: &[(&str, &str)]) -> Value {
    let names: Vec<&str> = ["Stage"]
        .into_iter()
        .chain(dimensions.iter().map(|(name, _)| *name))
        .collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": at.0,
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [names],
                "Metrics": [{ "Name": name, "Unit": format!("{unit:?}") }],
            }],
        },
        "Stage": stage,
        name: value,
    });
    for (dimension, text) in dimensions {
        line[dimension] = Value::from(*text);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_declares_its_metrics_and_dimensions() {
        let line = line(
            Time(5),
            "test",
            "TimeToRender",
            12.5,
            Unit::Milliseconds,
            &[("Format", "webp")],
        );
        assert_eq!(
            line,
            json!({
                "_aws": {
                    "Timestamp": 5,
                    "CloudWatchMetrics": [{
                        "Namespace": "Shoebox",
                        "Dimensions": [["Stage", "Format"]],
                        "Metrics": [{ "Name": "TimeToRender", "Unit": "Milliseconds" }],
                    }],
                },
                "Stage": "test",
                "Format": "webp",
                "TimeToRender": 12.5,
            })
        );
    }
}
