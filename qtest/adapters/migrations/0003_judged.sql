-- What running tests against a mutant showed, so that it is not run again while nothing it depends on changes.

CREATE TABLE judged_mutants (
    name VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    record VARCHAR NOT NULL,
    proof VARCHAR NOT NULL,
    run VARCHAR NOT NULL,
    made BIGINT NOT NULL,
    PRIMARY KEY (name)
);
