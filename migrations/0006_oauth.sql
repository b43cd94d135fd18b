-- What people grant to apps: authorization codes and refresh tokens. Of both only hashes are kept.

-- How an app is called on the log-in page, and where that page may send people back to (a JSON list).
ALTER TABLE app ADD COLUMN name TEXT;
ALTER TABLE app ADD COLUMN redirect_urls TEXT NOT NULL DEFAULT '[]';

-- People log in by e-mail, whatever its case. Guests without a password are not in the index.
CREATE INDEX person_login ON person (tenant, lower(email)) WHERE password_hash IS NOT NULL;

-- challenge: BASE64URL(SHA-256(code_verifier)), whichever method the app named.
CREATE TABLE oauth_code (
  tenant TEXT NOT NULL,
  code_hash TEXT NOT NULL,
  app_id TEXT NOT NULL,
  secret_version BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  scope TEXT NOT NULL,
  challenge TEXT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (tenant, code_hash)
) /*without rowid*/;
CREATE INDEX oauth_code_end ON oauth_code (tenant, expires_at);

-- A family of refresh tokens: token_hash is the one that is good now, every earlier one is used.
CREATE TABLE oauth_family (
  tenant TEXT NOT NULL,
  family_id TEXT NOT NULL,
  app_id TEXT NOT NULL,
  secret_version BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  authorised_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT,
  PRIMARY KEY (tenant, family_id)
) /*without rowid*/;
CREATE INDEX oauth_family_end ON oauth_family (tenant, expires_at);
