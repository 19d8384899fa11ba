-- What is remembered of runs: one table for each row of qtest/records/run.py. Times are milliseconds since 1970, UTC.

CREATE TABLE repositories (
    url VARCHAR NOT NULL,
    languages VARCHAR NOT NULL,
    analysed BIGINT NOT NULL,
    PRIMARY KEY (url)
);

CREATE TABLE system_models (
    url VARCHAR NOT NULL,
    revision VARCHAR NOT NULL,
    form VARCHAR NOT NULL,
    artefact VARCHAR NOT NULL,
    made BIGINT NOT NULL,
    PRIMARY KEY (url, revision, form, artefact)
);

CREATE TABLE generation_runs (
    run VARCHAR NOT NULL,
    spec VARCHAR NOT NULL,
    revision VARCHAR NOT NULL,
    config VARCHAR NOT NULL,
    seed VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    started BIGINT NOT NULL,
    ended BIGINT NOT NULL,
    generated BIGINT NOT NULL,
    validated BIGINT NOT NULL,
    bugs BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    mutants BIGINT NOT NULL,
    killed BIGINT NOT NULL,
    killed_before BIGINT NOT NULL,
    tokens_in BIGINT NOT NULL,
    tokens_out BIGINT NOT NULL,
    report VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    PRIMARY KEY (run)
);

CREATE TABLE results (
    result VARCHAR NOT NULL,
    worth BIGINT NOT NULL,
    stage VARCHAR NOT NULL,
    item VARCHAR NOT NULL,
    artefact VARCHAR NOT NULL,
    run VARCHAR NOT NULL,
    made BIGINT NOT NULL,
    PRIMARY KEY (result, worth)
);

CREATE TABLE test_results (
    run VARCHAR NOT NULL,
    test VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    code VARCHAR NOT NULL,
    stage VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    kills VARCHAR NOT NULL,
    count BIGINT NOT NULL,
    path VARCHAR NOT NULL,
    line BIGINT NOT NULL,
    end_line BIGINT NOT NULL,
    PRIMARY KEY (run, test)
);

CREATE TABLE verdicts (
    run VARCHAR NOT NULL,
    verdict VARCHAR NOT NULL,
    mutant VARCHAR NOT NULL,
    suite VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    line BIGINT NOT NULL,
    end_line BIGINT NOT NULL,
    symbol VARCHAR NOT NULL,
    operator VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    killers VARCHAR NOT NULL,
    record VARCHAR NOT NULL,
    PRIMARY KEY (run, verdict)
);

CREATE TABLE leases (
    run VARCHAR NOT NULL,
    stage VARCHAR NOT NULL,
    item VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    owner VARCHAR NOT NULL,
    attempt BIGINT NOT NULL,
    due BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    note VARCHAR NOT NULL,
    PRIMARY KEY (run, stage, item)
);

CREATE TABLE run_events (
    run VARCHAR NOT NULL,
    seq BIGINT NOT NULL,
    made BIGINT NOT NULL,
    stage VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    payload VARCHAR NOT NULL,
    PRIMARY KEY (run, seq)
);
