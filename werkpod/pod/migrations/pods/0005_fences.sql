-- A number for each pod that moves on when somebody may do less than before: a write that was decided under an earlier
-- number is decided anew (record 35). No row: 0.

CREATE TABLE fence (
    pod TEXT PRIMARY KEY,
    turn INTEGER NOT NULL
) WITHOUT ROWID;
