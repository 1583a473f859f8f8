//! Photos without a date in their metadata: it comes from the file's modification, its name, or the upload.

use crate::fixtures::{TestEnv, fixture, put, unique_copy, wait_until, wanted};
use model::photos::{DateSource, Modified, Wanted};
use model::time::Time;
use model::timeline::DayCount;
use server::albums::access::OpenLibrary;
use server::photos::grant::{self, Announced, GRANT_LASTS, Granted};
use server::photos::records::PhotoRecord;
use server::photos::{days, start, upload};

/// UTC offset in minutes.
const TOKYO: i16 = 540;

/// Uploads a picture without a date, and announces its arrival in addition to the bucket's event.
async fn upload_undated(env: &TestEnv, library: &OpenLibrary, name: &str, modified: Option<Modified>) -> PhotoRecord {
    let bytes = unique_copy(&fixture("small/fig.jpg"));
    let wanted = Announced::parse(Wanted {
        modified,
        zone: Some(TOKYO),
        ..wanted(name, &bytes)
    });
    let wanted = wanted.expect("a photo");
    let grant = async || {
        grant::grant(&env.table, library, &wanted, GRANT_LASTS)
            .await
            .expect("a grant")
    };
    let (Granted::Expected(photo), again) = (grant().await, grant().await) else {
        panic!("{name} exists already")
    };
    assert_eq!(again.photo().id, photo.id);
    assert_eq!(
        (photo.photo().date_source, photo.photo().zone()),
        (DateSource::Uploaded, Some(TOKYO)),
        "before it is inspected"
    );
    let signed = upload::sign_whole(&env.table, &env.originals, photo.clone()).await;
    assert_eq!(put(&signed.expect("a signature"), &bytes), 200);
    for _ in 0..2 {
        let announced = start::complete_upload(&env.table, &env.originals, &env.workflow, library, &photo.id).await;
        announced.expect("it is uploaded");
    }
    let ready = env.processed(library, &photo.id).await;
    let announced = start::complete_upload(&env.table, &env.originals, &env.workflow, library, &photo.id).await;
    assert_eq!(announced.expect("it is uploaded"), ready);
    ready
}

#[tokio::test]
async fn a_photo_without_a_date_gets_that_of_its_file_its_name_or_its_upload() {
    let env = TestEnv::open().await;
    let ada = env.library("ada").await;
    let date = |photo: &PhotoRecord| {
        let photo = photo.photo();
        (photo.datetime(), photo.date_source)
    };
    // 29 February 2016, 05:30 in Tokyo.
    let modified = Some(Modified {
        at: Time(1_456_691_400_000),
        zone: TOKYO,
    });
    let by_file = upload_undated(&env, &ada, "beach.jpg", modified).await;
    assert_eq!(date(&by_file), ("2016-02-29T05:30:00+09:00".into(), DateSource::FileModified));

    let name = "Screenshot_2015-08-23-01-22-44.jpg";
    let by_name = upload_undated(&env, &ada, name, modified).await;
    assert_eq!(date(&by_name), ("2015-08-23T01:22:44".into(), DateSource::FileName));

    let by_day = upload_undated(&env, &ada, "IMG-20150822-WA0003.jpg", None).await;
    assert_eq!(date(&by_day), ("2015-08-22".into(), DateSource::FileNameDay));

    let never_set = Some(Modified {
        at: Time(0),
        zone: TOKYO,
    });
    let by_upload = upload_undated(&env, &ada, "beach.jpg", never_set).await;
    let photo = by_upload.photo();
    assert_eq!((photo.date_source, photo.zone()), (DateSource::Uploaded, Some(TOKYO)));
    assert_eq!(photo.taken_at, photo.history[0].at);

    let counted = [by_upload, by_file, by_name, by_day].map(|photo| DayCount(photo.photo().day(), 1));
    wait_until("each is counted on its day only", async || {
        days::days(&env.table, &ada).await.expect("days") == counted
    })
    .await;
}
