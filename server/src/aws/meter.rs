//! Measures consumed read capacity, for tests that compare it at different sizes of a library.

use aws_sdk_dynamodb::types::ConsumedCapacity;
use std::sync::{Arc, Mutex, PoisonError};

/// What was read since the last [`Meter::take`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cost {
    /// Read capacity units.
    pub capacity_units: f64,
    /// Rows that were scanned, returned or not.
    pub scanned: i64,
    /// Requests.
    pub calls: u32,
}

/// Adds up the reads of one [`super::table::Table`].
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<Cost>>);

impl Meter {
    /// Returns the cost so far and resets the meter.
    pub fn take(&self) -> Cost {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn add(&self, capacity: Option<&ConsumedCapacity>, scanned: i64) {
        let mut cost = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cost.capacity_units += capacity.and_then(|capacity| capacity.capacity_units).unwrap_or_default();
        cost.scanned += scanned;
        cost.calls += 1;
    }
}
