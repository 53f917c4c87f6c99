//! Access to application data for fuzz targets (`--cfg fuzzing`).

use std::{sync::Arc, time::Duration};

use super::{DataOwner, Session, SessionId, Sessions};
use crate::store::StoreError;

/// The owner of application data.
pub enum Owner {
    /// A signed-in session.
    Session(Arc<Session>),
    /// A browser without a session.
    Visitor(SessionId),
}

/// Reads the data of an owner.
pub async fn read(sessions: &Sessions, owner: Owner) -> Result<Option<Vec<u8>>, StoreError> {
    let data = sessions.app_data(&owner.into()).await?;
    Ok(data.map(|data| data.to_vec()))
}

/// Makes every change that a request can make to data, one after the other.
pub async fn change(sessions: &Sessions, owner: Owner, data: &[u8]) -> Result<(), StoreError> {
    let (owner, life) = (owner.into(), Duration::from_secs(3600));
    let put = sessions.put_app_data(&owner, data, life).await;
    let replaced = sessions.replace_app_data(&owner, data, life).await;
    let extended = sessions.extend_app_data(&owner, life).await;
    sessions.end_app_data(&owner).await?;
    put.and(replaced).and(extended)
}

impl From<Owner> for DataOwner {
    fn from(owner: Owner) -> Self {
        match owner {
            Owner::Session(session) => Self::Session(session),
            Owner::Visitor(id) => Self::Visitor(id),
        }
    }
}
