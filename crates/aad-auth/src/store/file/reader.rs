//! Reading, in the calling thread.

use redb::{Database, ReadableDatabase};

use super::{
    fault::translate,
    row::{MEMBERS, RECORDS, Row},
};
use crate::{
    clock::Timestamp,
    store_room::{Key, Member, Record, StoreError, Version},
};

/// The live record under `key`, as of the last commit.
pub(super) fn get(
    database: &Database,
    key: &Key,
    now: Timestamp,
) -> Result<Option<Record>, StoreError> {
    let transaction = database.begin_read().map_err(translate)?;
    let records = transaction.open_table(RECORDS).map_err(translate)?;
    let Some(bytes) = records.get(key.as_str()).map_err(translate)? else {
        return Ok(None);
    };
    let row = Row::decode(bytes.value()).ok_or(StoreError::Corrupt)?;
    Ok((row.expires_at > now).then(|| Record {
        value: row.value.into(),
        version: Version(row.version),
        expires_at: row.expires_at,
    }))
}

/// The live members of `set`, as of the last commit.
pub(super) fn list(
    database: &Database,
    set: &Key,
    now: Timestamp,
) -> Result<Vec<Member>, StoreError> {
    let transaction = database.begin_read().map_err(translate)?;
    let table = transaction.open_table(MEMBERS).map_err(translate)?;
    let mut members = Vec::new();
    for entry in table.range((set.as_str(), "")..).map_err(translate)? {
        let (key, bytes) = entry.map_err(translate)?;
        let (owner, name) = key.value();
        if owner != set.as_str() {
            break;
        }
        let row = Row::decode(bytes.value()).ok_or(StoreError::Corrupt)?;
        if row.expires_at > now {
            members.push(Member {
                name: name.to_owned(),
                value: row.value.to_vec(),
            });
        }
    }
    Ok(members)
}
