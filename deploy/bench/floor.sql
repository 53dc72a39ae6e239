\set n random(0, 19)
\set a random(1, 9000000000000000)
\set b random(1, 9000000000000000)
BEGIN;
SET LOCAL app.tenant = 'none'; SET LOCAL app.person = 'none'; SET LOCAL app.key = 'none';
INSERT INTO idempotency_keys (tenant_id, principal, name, request, due_at, answer) SELECT tenant_id, 'floor', :a::text || ':' || :b::text, repeat('0', 64), now() + interval '1 day', decode(repeat('00', 700), 'hex') FROM slots LIMIT 1;
WITH one AS (SELECT tenant_id, id FROM slots ORDER BY tenant_id, id OFFSET :n LIMIT 1), taken AS (UPDATE slots SET taken = taken + 1, capacity = capacity + 1 FROM one WHERE slots.tenant_id = one.tenant_id AND slots.id = one.id RETURNING slots.*) INSERT INTO appointments (tenant_id, id, resident_id, slot_id, shift_id, shift_version, doctor_id, subject, day, starts_at, state, held_until, due_at, fee, bill_id, version, created_at) SELECT tenant_id, gen_random_uuid(), gen_random_uuid(), id, shift_id, shift_version, gen_random_uuid(), '03', day, starts_at, 'held', now() + interval '10 minutes', now() + interval '10 minutes', 2500, gen_random_uuid(), 1, now() FROM taken;
INSERT INTO bills (tenant_id, id, resident_id, purpose, lines, total, state, version, created_at) SELECT tenant_id, gen_random_uuid(), gen_random_uuid(), 'apt_00000000000000000000000000000000000000', '[{"code": "1", "name": "fee", "amount": 2500}]', 2500, 'open', 1, now() FROM slots LIMIT 1;
INSERT INTO journal_pending (tenant_id, id, due_at, type, subject, subject_version, actor, request_id, facts, relays) SELECT -1, gen_random_uuid(), now(), 'floor.entry', 'apt_00000000000000000000000000000000000000', 1, 'person-per_00000000000000000000000000000000', '00000000-0000-0000-0000-000000000000', '{"state": "held", "fee": 2500}', '[]' FROM generate_series(1, 2);
END;
