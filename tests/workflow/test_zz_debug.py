from tests.workflow.test_messages import *
from sqlalchemy import select
from overturn.db import tables
_t = test_a_long_history_continues_in_a_new_run
async def test_a_long_history_continues_in_a_new_run(office, monkeypatch):
    try:
        await _t(office, monkeypatch)
    except Exception as e:
        print("EXC", type(e), str(e)[:100])
        async with office.record.sessions() as s:
            for cid, pat in (await s.execute(select(tables.DenialCase.id, tables.DenialCase.status))).all():
                try:
                    h = await office.handle(cid).fetch_history()
                    print(cid, pat, len(h.events), [EventName(e.event_type) for e in h.events[-6:]], h.events[-1].event_time.ToDatetime())
                    for ev in h.events:
                        if ev.HasField("workflow_task_failed_event_attributes"):
                            print("   ", await office.environment.client.data_converter.decode_failure(ev.workflow_task_failed_event_attributes.failure))
                except Exception as x: print(cid, pat, x)
        print(await office.environment.get_current_time())
def EventName(t):
    from temporalio.api.enums.v1 import EventType
    return EventType.Name(t)[11:]
