-- One set of statements for SQLite and PostgreSQL. Times are milliseconds since 1970 (UTC); hashes are SHA-256 in hexadecimal.

-- What the whole installation shares, such as the hash of the admin's secret.
create table settings (
    name text primary key,
    value text not null
);

create table receipts (
    hash text primary key,             -- of the code, which only its owner has
    pseudonym text not null unique,    -- the group of its photos in releases
    created bigint not null,
    consent_version text not null,     -- of the text that was agreed to
    publish boolean not null,          -- may be given to others
    example boolean not null,          -- may be shown to visitors as an example
    erased bigint                      -- since when it is gone for everybody; the row follows when its last photo has
);

create table photos (
    id text primary key,
    receipt text not null references receipts (hash),
    key text not null,                 -- of the upload, so that one that is sent again is stored once
    smiley text not null,
    state text not null,               -- pending: files are being written; waiting, accepted, rejected; erasing
    created bigint not null,
    width bigint not null,
    height bigint not null,
    known boolean not null,            -- its answer is known: voters are weighed by it
    unique (receipt, key)
);

create index photos_by_state on photos (state, smiley);

-- What the model says of a photo, for the admin; and where the face is, for releases.
create table opinions (
    photo text primary key references photos (id) on delete cascade,
    weights text not null,             -- name of the smile net
    smiley text,                       -- absent where no face was found, as are all below
    share double precision,
    face_x double precision,           -- face square in pixels
    face_y double precision,
    face_side double precision
);

create table voters (
    hash text primary key,             -- of the token, which only the voter's page has
    receipt text references receipts (hash) on delete set null, -- whose photos the voter does not judge
    created bigint not null,
    agreed bigint not null,            -- answers that were as known
    erred bigint not null              -- answers that were otherwise
);

create table votes (
    task text primary key,
    photo text not null references photos (id) on delete cascade,
    voter text not null references voters (hash) on delete cascade,
    smiley text not null,              -- the one that was asked about
    answer text,                       -- absent until it is given
    created bigint not null,
    unique (photo, voter)
);

-- Photos that were withdrawn: the random name alone, so that releases can be checked against it.
create table tombstones (
    photo text primary key,
    erased bigint not null
);

create table releases (
    number bigint primary key,
    created bigint not null,
    public boolean not null,           -- only photos that may be given to others
    photos bigint not null,
    manifest text not null             -- hash of its manifest.csv
);

-- Token buckets; what they are about is hashed.
create table limits (
    name text primary key,
    tokens double precision not null,
    updated bigint not null
);
