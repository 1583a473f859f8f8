use super::*;
use crate::photos::samples::photo;
use leptos::prelude::Owner;

const DAY: i64 = 86_400_000;

fn on(name: u32, day: i64, hour: i64) -> Entry {
    Entry::new(photo(name, day * DAY + hour * 3_600_000), 0)
}

fn days_of(day_index: &DayIndex) -> Vec<(i32, usize, bool, Vec<String>)> {
    let names = |held: &HeldDay| {
        held.photos
            .iter()
            .map(|entry| entry.peek(|photo| photo.name.clone()))
            .collect()
    };
    day_index
        .days()
        .iter()
        .map(|held| (held.day.0, held.count, held.complete, names(held)))
        .collect()
}

fn names(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_page_completes_its_days_except_the_last() {
    let owner = Owner::new();
    owner.set();
    let mut day_index = DayIndex::default();
    day_index.load(&Start::Newest, vec![on(4, 9, 5), on(3, 9, 2), on(2, 7, 1)], true);
    assert_eq!(
        days_of(&day_index),
        [(9, 2, true, names(&["4", "3"])), (7, 1, false, names(&["2"]))]
    );
    assert!(day_index.has_older);
    day_index.count(&[DayCount(Day(9), 2), DayCount(Day(7), 3), DayCount(Day(2), 1)]);
    assert_eq!(
        days_of(&day_index)[1..],
        [(7, 3, false, names(&["2"])), (2, 1, false, vec![])]
    );
    let Some(Start::Behind(behind)) = day_index.next_page(0..3) else {
        panic!("a cursor within the day")
    };
    assert!(behind.ends_with("000000000002"), "{behind}");
    day_index.load(&Start::Behind(behind), vec![on(1, 7, 0), on(0, 2, 3)], false);
    assert_eq!(
        days_of(&day_index)[1..],
        [(7, 2, true, names(&["2", "1"])), (2, 1, true, names(&["0"]))]
    );
    assert_eq!((day_index.has_older, day_index.next_page(0..3)), (false, None));
}

#[test]
fn a_page_from_a_day_corrects_counts_and_removes_empty_days() {
    let owner = Owner::new();
    owner.set();
    let mut day_index = DayIndex::default();
    let counts: Vec<_> = (0..6).map(|day| DayCount(Day(day), 50)).collect();
    day_index.count(&counts);
    assert_eq!(
        day_index.next_page(3..5),
        Some(Start::Day(Day(3))),
        "one day earlier: more would exceed the lookback"
    );
    day_index.load(&Start::Day(Day(3)), vec![on(9, 3, 1), on(8, 1, 1)], true);
    let days: Vec<_> = day_index
        .days()
        .iter()
        .map(|held| (held.day.0, held.count, held.complete))
        .collect();
    assert_eq!(
        days,
        [(5, 50, false), (4, 50, false), (3, 1, true), (1, 50, false), (0, 50, false)]
    );
}

#[test]
fn a_new_photo_is_inserted_where_its_neighbours_are_held() {
    let owner = Owner::new();
    owner.set();
    let mut day_index = DayIndex::default();
    day_index.load(&Start::Newest, vec![on(4, 9, 5), on(2, 7, 5)], true);
    assert_eq!(day_index.insert_new(on(5, 11, 0)), IndexChange::Moved);
    assert_eq!(day_index.insert_new(on(6, 8, 0)), IndexChange::Moved);
    assert_eq!(
        day_index.insert_new(on(7, 7, 1)),
        IndexChange::NotHeld,
        "older than what is held of its day"
    );
    assert_eq!(day_index.insert_new(on(8, 7, 9)), IndexChange::Moved);
    assert_eq!(day_index.insert_new(on(1, 3, 0)), IndexChange::NotHeld);
    let days: Vec<_> = days_of(&day_index).into_iter().map(|(day, count, ..)| (day, count)).collect();
    assert_eq!(days, [(11, 1), (9, 1), (8, 1), (7, 2)]);
}

#[test]
fn a_changed_photo_moves_to_its_day_and_leaves_when_archived() {
    let owner = Owner::new();
    owner.set();
    let mut day_index = DayIndex::default();
    day_index.load(&Start::Newest, vec![on(4, 9, 5), on(2, 7, 5)], false);
    let entry = day_index.find(&on(4, 9, 5).id).unwrap().clone();
    let mut changed = photo(4, 7 * DAY);
    changed.revision = 2;
    entry.update(&changed, 1);
    assert_eq!(
        (day_index.reposition(&entry.id), day_index.reposition(&entry.id)),
        (IndexChange::Moved, IndexChange::Unchanged)
    );
    assert_eq!(days_of(&day_index), [(7, 2, true, names(&["2", "4"]))]);
    changed.revision = 3;
    changed.archived_at = Some(model::time::Time(1));
    entry.update(&changed, 2);
    assert_eq!(day_index.reposition(&entry.id), IndexChange::Moved);
    assert_eq!(days_of(&day_index), [(7, 1, true, names(&["2"]))]);
}

#[test]
fn photos_far_from_the_viewport_are_evicted() {
    let owner = Owner::new();
    owner.set();
    let mut day_index = DayIndex::default();
    let photos = (0..MAX_HELD as u32 + 1).rev().map(|name| on(name, i64::from(name / 100), 0));
    day_index.load(&Start::Newest, photos.collect(), false);
    day_index.evict(&(3..5));
    assert!(day_index.day_of.len() <= MAX_HELD / 2 && day_index.days[4].complete && !day_index.days[20].complete);
    assert_eq!(day_index.days.iter().map(|held| held.count).sum::<usize>(), MAX_HELD + 1);
}
