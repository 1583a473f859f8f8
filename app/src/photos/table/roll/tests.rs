use super::*;
use crate::photos::samples::photo;
use leptos::prelude::Owner;

const DAY: i64 = 86_400_000;

fn on(name: u32, day: i64, hour: i64) -> Entry {
    Entry::new(photo(name, day * DAY + hour * 3_600_000), 0)
}

fn shown(roll: &Roll) -> Vec<(i32, usize, bool, Vec<String>)> {
    let names = |held: &Held| {
        held.photos
            .iter()
            .map(|entry| entry.peek(|photo| photo.name.clone()))
            .collect()
    };
    roll.days()
        .iter()
        .map(|held| (held.day.0, held.count, held.whole, names(held)))
        .collect()
}

fn names(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_page_makes_days_whole_but_for_its_last() {
    let owner = Owner::new();
    owner.set();
    let mut roll = Roll::default();
    roll.load(&Start::Newest, vec![on(4, 9, 5), on(3, 9, 2), on(2, 7, 1)], true);
    assert_eq!(shown(&roll), [(9, 2, true, names(&["4", "3"])), (7, 1, false, names(&["2"]))]);
    assert!(roll.more);
    roll.count(&[DayCount(Day(9), 2), DayCount(Day(7), 3), DayCount(Day(2), 1)]);
    assert_eq!(shown(&roll)[1..], [(7, 3, false, names(&["2"])), (2, 1, false, vec![])]);
    let Some(Start::Behind(behind)) = roll.wanted(0..3) else {
        panic!("it goes on in the day")
    };
    assert!(behind.ends_with("000000000002"), "{behind}");
    roll.load(&Start::Behind(behind), vec![on(1, 7, 0), on(0, 2, 3)], false);
    assert_eq!(
        shown(&roll)[1..],
        [(7, 2, true, names(&["2", "1"])), (2, 1, true, names(&["0"]))]
    );
    assert_eq!((roll.more, roll.wanted(0..3)), (false, None));
}

#[test]
fn a_page_from_a_day_fills_what_was_counted_and_takes_away_what_is_gone() {
    let owner = Owner::new();
    owner.set();
    let mut roll = Roll::default();
    let counts: Vec<_> = (0..6).map(|day| DayCount(Day(day), 50)).collect();
    roll.count(&counts);
    assert_eq!(roll.wanted(3..5), Some(Start::Day(Day(3))), "a day before is as many as help");
    roll.load(&Start::Day(Day(3)), vec![on(9, 3, 1), on(8, 1, 1)], true);
    let days: Vec<_> = roll.days().iter().map(|held| (held.day.0, held.count, held.whole)).collect();
    assert_eq!(
        days,
        [(5, 50, false), (4, 50, false), (3, 1, true), (1, 50, false), (0, 50, false)]
    );
}

#[test]
fn what_comes_live_goes_where_what_is_around_it_is_held() {
    let owner = Owner::new();
    owner.set();
    let mut roll = Roll::default();
    roll.load(&Start::Newest, vec![on(4, 9, 5), on(2, 7, 5)], true);
    assert_eq!(roll.arrived(on(5, 11, 0)), Taken::Moved);
    assert_eq!(roll.arrived(on(6, 8, 0)), Taken::Moved);
    assert_eq!(
        roll.arrived(on(7, 7, 1)),
        Taken::Elsewhere,
        "older than what is held of its day"
    );
    assert_eq!(roll.arrived(on(8, 7, 9)), Taken::Moved);
    assert_eq!(roll.arrived(on(1, 3, 0)), Taken::Elsewhere);
    let days: Vec<_> = shown(&roll).into_iter().map(|(day, count, ..)| (day, count)).collect();
    assert_eq!(days, [(11, 1), (9, 1), (8, 1), (7, 2)]);
}

#[test]
fn a_photo_moves_to_the_day_it_was_taken_and_goes_to_the_archive() {
    let owner = Owner::new();
    owner.set();
    let mut roll = Roll::default();
    roll.load(&Start::Newest, vec![on(4, 9, 5), on(2, 7, 5)], false);
    let entry = roll.find(&on(4, 9, 5).id).unwrap().clone();
    let mut taken = photo(4, 7 * DAY);
    taken.revision = 2;
    entry.learn(&taken, 1);
    assert_eq!(
        (roll.changed(&entry.id), roll.changed(&entry.id)),
        (Taken::Moved, Taken::Same)
    );
    assert_eq!(shown(&roll), [(7, 2, true, names(&["2", "4"]))]);
    taken.revision = 3;
    taken.archived_at = Some(model::time::Time(1));
    entry.learn(&taken, 2);
    assert_eq!(roll.changed(&entry.id), Taken::Moved);
    assert_eq!(shown(&roll), [(7, 1, true, names(&["2"]))]);
}

#[test]
fn what_nobody_looks_at_is_let_go_of_when_it_is_much() {
    let owner = Owner::new();
    owner.set();
    let mut roll = Roll::default();
    let photos = (0..MOST_HELD as u32 + 1).rev().map(|name| on(name, i64::from(name / 100), 0));
    roll.load(&Start::Newest, photos.collect(), false);
    roll.let_go(&(3..5));
    assert!(roll.whereabouts.len() <= MOST_HELD / 2 && roll.days[4].whole && !roll.days[20].whole);
    assert_eq!(roll.days.iter().map(|held| held.count).sum::<usize>(), MOST_HELD + 1);
}
