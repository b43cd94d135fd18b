//! Who looks after help desks from outside of the open API: administrators of a tenant, owners and agents of its desks.

pub mod apps;
pub mod avatar;
pub mod categories;
pub mod desks;
pub mod events;
pub mod roster;
pub mod session;
pub mod settings;
pub mod users;

use std::sync::Arc;

use crate::directory::{Directory, Helpdesk};

/// What somebody may see of a help desk; later ones see all that earlier ones do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rights {
    /// An agent: their work alone.
    Agent,
    /// The owner: everything of this help desk.
    Owner,
    /// An administrator of the tenant: everything of all its help desks.
    Admin,
}

/// A help desk that somebody has to do with.
#[derive(Debug, Clone)]
pub struct Place {
    /// The help desk.
    pub desk: Arc<Helpdesk>,
    /// What they may see of it.
    pub rights: Rights,
}

/// Somebody with an account, as the admin API knows them.
#[derive(Debug, Clone)]
pub struct Staff {
    /// The tenant of the account.
    pub tenant: String,
    /// The tenant's own id of the person.
    pub user_id: String,
    /// `ou_…`
    pub open_id: String,
    /// The display name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Whether they are an administrator of the tenant.
    pub is_admin: bool,
}

impl Staff {
    /// The help desks they have to do with, by id: an administrator all of the tenant, others those they own or work
    /// in.
    pub fn places(&self, directory: &Directory) -> Vec<Place> {
        let mut places: Vec<Place> = directory.helpdesks.values().filter_map(|desk| self.place_at(desk)).collect();
        places.sort_unstable_by_key(|place| place.desk.id);
        places
    }

    /// One of these help desks; none if they have nothing to do with it.
    pub fn place(&self, directory: &Directory, helpdesk_id: i64) -> Option<Place> {
        self.place_at(directory.helpdesks.get(&helpdesk_id)?)
    }

    fn place_at(&self, desk: &Arc<Helpdesk>) -> Option<Place> {
        if desk.tenant != self.tenant {
            return None;
        }
        Some(Place { desk: Arc::clone(desk), rights: self.rights(desk)? })
    }

    fn rights(&self, desk: &Helpdesk) -> Option<Rights> {
        if self.is_admin {
            return Some(Rights::Admin);
        }
        if desk.owner == self.user_id {
            return Some(Rights::Owner);
        }
        desk.role(&self.user_id).map(|_| Rights::Agent)
    }

    /// Whether they may sign in: somebody without a role or a help desk has nothing to do here.
    pub fn may_sign_in(&self, directory: &Directory) -> bool {
        self.is_admin || directory.helpdesks.values().any(|d| d.tenant == self.tenant && self.rights(d).is_some())
    }
}
