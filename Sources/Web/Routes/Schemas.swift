// The shapes of requests and answers, in JSON Schema 2020-12 as OpenAPI 3.1 has it. Kept as the text it is published
// as; a test compares it with what the operations really answer.

import Model

/// Schemas of the OpenAPI document.
enum Schemas {
    /// Them all, by name.
    static let tree: JSON = (try? JSON.parse(Array(text.utf8))) ?? .null

    private static let text = #"""
        {
        "Text": {"type": "string"},
        "Bytes": {"type": "string", "contentMediaType": "application/octet-stream"},
        "Object": {"type": "object"},
        "Moment": {"type": "string", "format": "date-time"},
        "MaybeMoment": {"type": ["string", "null"], "format": "date-time"},
        "Problem": {"type": "object", "required": ["title", "status", "detail"], "properties": {
            "title": {"type": "string"}, "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What, where, and what to do next"},
            "lines": {"type": "array", "description": "Lines that are no events",
                "items": {"type": "object", "required": ["line", "message"], "properties": {
                    "line": {"type": "integer", "minimum": 1}, "message": {"type": "string"}}}},
            "problems": {"type": "array", "items": {"$ref": "#/components/schemas/SettingsProblem"}}}},
        "Event": {"type": "object", "required": ["id", "type", "timestamp", "data"], "properties": {
            "id": {"type": "string", "description": "UUIDv7"},
            "type": {"type": "string", "description": "Hook, on_created_file"},
            "timestamp": {"$ref": "#/components/schemas/Moment"}, "source": {"type": "string"},
            "actor": {"type": ["string", "null"]}, "data": {"type": "object"}}},
        "Lines": {"type": "string", "description": "One event a line"},
        "Accepted": {"type": "object", "required": ["accepted", "duplicates"], "properties": {
            "accepted": {"type": "integer", "minimum": 0}, "duplicates": {"type": "integer", "minimum": 0}}},
        "About": {"type": "object", "required": ["name", "version", "active_plugins"], "properties": {
            "name": {"const": "mwdb-webhooks"}, "version": {"type": "string"},
            "active_plugins": {"type": "object", "additionalProperties": {"type": "object",
                "required": ["active", "author", "version", "description"], "properties": {
                    "active": {"type": "boolean"}, "author": {"type": ["string", "null"]},
                    "version": {"type": ["string", "null"]}, "description": {"type": ["string", "null"]}}}}}},
        "PluginStatus": {"type": "object",
            "required": ["name", "state", "reason", "deliveries", "in_flight", "window", "oldest_pending",
                "next_retry", "delivered", "failed", "dead", "last_failure"],
            "properties": {
                "name": {"type": "string"},
                "state": {"enum": ["running", "slowed", "suspended", "misconfigured", "paused", "disabled"]},
                "reason": {"type": ["string", "null"]},
                "deliveries": {"type": "object", "description": "Number in each state",
                    "additionalProperties": {"type": "integer"}},
                "in_flight": {"type": "integer"}, "window": {"type": "integer"},
                "oldest_pending": {"$ref": "#/components/schemas/MaybeMoment"},
                "next_retry": {"$ref": "#/components/schemas/MaybeMoment"},
                "delivered": {"type": "integer", "description": "Attempts since the daemon's start that delivered"},
                "failed": {"type": "integer"}, "dead": {"type": "integer"},
                "last_failure": {"type": ["string", "null"]}}},
        "Status": {"type": "object",
            "required": ["version", "pid", "started_at", "now", "ready", "not_ready_because", "intake", "outbox",
                "spool", "plugins"],
            "properties": {
                "version": {"type": "string"}, "pid": {"type": "integer"},
                "started_at": {"$ref": "#/components/schemas/Moment"}, "now": {"$ref": "#/components/schemas/Moment"},
                "ready": {"type": "boolean"}, "not_ready_because": {"type": ["string", "null"]},
                "intake": {"type": "object", "required": ["accepted", "duplicates", "conflicts", "rejected_lines",
                    "rejected_files", "files", "waiting_files", "lost_at_source", "sources", "last_heartbeat",
                    "refused_because"], "properties": {
                    "accepted": {"type": "integer"}, "duplicates": {"type": "integer"},
                    "conflicts": {"type": "integer"}, "rejected_lines": {"type": "integer"},
                    "rejected_files": {"type": "integer"}, "files": {"type": "integer"},
                    "waiting_files": {"type": "integer"}, "lost_at_source": {"type": "integer"},
                    "sources": {"type": "integer", "description": "MWDB processes that wrote a heartbeat"},
                    "last_heartbeat": {"$ref": "#/components/schemas/MaybeMoment"},
                    "refused_because": {"type": ["string", "null"]}}},
                "outbox": {"type": "object", "required": ["path", "database_bytes", "reusable_bytes", "log_bytes",
                    "disk_free_bytes", "disk_total_bytes"], "properties": {
                    "path": {"type": "string"}, "database_bytes": {"type": "integer"},
                    "reusable_bytes": {"type": "integer"}, "log_bytes": {"type": "integer"},
                    "disk_free_bytes": {"type": "integer"}, "disk_total_bytes": {"type": "integer"}}},
                "spool": {"type": "object", "required": ["path"], "properties": {"path": {"type": "string"}}},
                "plugins": {"type": "array", "items": {"$ref": "#/components/schemas/PluginStatus"}}}},
        "SettingsProblem": {"type": "object", "required": ["severity", "message", "suggestion"], "properties": {
            "severity": {"enum": ["error", "warning"]}, "file": {"type": ["string", "null"]},
            "line": {"type": ["integer", "null"]}, "section": {"type": ["string", "null"]},
            "key": {"type": ["string", "null"]}, "message": {"type": "string"}, "suggestion": {"type": "string"}}},
        "Reloaded": {"type": "object", "required": ["plugins", "problems"], "properties": {
            "plugins": {"type": "integer"},
            "problems": {"type": "array", "items": {"$ref": "#/components/schemas/SettingsProblem"}}}},
        "Plugin": {"type": "object",
            "required": ["name", "active", "author", "version", "description", "method", "url", "hooks", "filter",
                "status"],
            "properties": {
                "name": {"type": "string"}, "active": {"type": "boolean"}, "author": {"type": ["string", "null"]},
                "version": {"type": ["string", "null"]}, "description": {"type": ["string", "null"]},
                "method": {"type": ["string", "null"]}, "url": {"type": ["string", "null"]},
                "hooks": {"type": "array", "items": {"type": "string"}}, "filter": {"type": ["string", "null"]},
                "status": {"$ref": "#/components/schemas/PluginStatus"},
                "configuration": {"type": "array", "items": {"type": "object",
                    "required": ["key", "value", "origin"], "properties": {
                        "key": {"type": "string"}, "value": {"type": "string", "description": "Secrets redacted"},
                        "origin": {"type": "string", "description": "webhooks.ini:12, or default"}}}}}},
        "Plugins": {"type": "object", "required": ["plugins"], "properties": {
            "plugins": {"type": "array", "items": {"$ref": "#/components/schemas/Plugin"}}}},
        "Pause": {"type": "object", "additionalProperties": false, "properties": {
            "reason": {"type": ["string", "null"]}}},
        "Header": {"type": "object", "required": ["name", "value"], "properties": {
            "name": {"type": "string"}, "value": {"type": "string"}}},
        "Timings": {"type": "object", "description": "Microseconds from the start; 0: not reached",
            "required": ["resolved", "connected", "secured", "first_byte", "total"], "properties": {
                "resolved": {"type": "integer"}, "connected": {"type": "integer"}, "secured": {"type": "integer"},
                "first_byte": {"type": "integer"}, "total": {"type": "integer"}}},
        "Ping": {"type": "object",
            "required": ["request", "answer", "timings", "remote_address", "delivered", "extracted", "verdict"],
            "properties": {
                "request": {"type": "object", "required": ["line", "headers"], "properties": {
                    "line": {"type": "string"},
                    "headers": {"type": "array", "items": {"$ref": "#/components/schemas/Header"}}}},
                "answer": {"type": "object", "required": ["status"], "properties": {
                    "status": {"type": ["integer", "null"]},
                    "headers": {"type": "array", "items": {"$ref": "#/components/schemas/Header"}},
                    "body": {"type": "string"}, "body_base64": {"type": "string"}, "truncated": {"type": "boolean"},
                    "failure": {"type": "string"}, "message": {"type": "string"},
                    "request_sent": {"type": "boolean"}}},
                "timings": {"$ref": "#/components/schemas/Timings"},
                "remote_address": {"type": ["string", "null"]}, "delivered": {"type": "boolean"},
                "extracted": {"type": "object"}, "verdict": {"type": "string"}}},
        "EventSummary": {"type": "object",
            "required": ["id", "sequence", "hook", "accepted_at", "actor", "object", "content", "kept"],
            "properties": {
                "id": {"type": "string"}, "sequence": {"type": "integer"}, "hook": {"type": "string"},
                "accepted_at": {"$ref": "#/components/schemas/Moment"}, "actor": {"type": ["string", "null"]},
                "object": {"type": ["string", "null"]},
                "content": {"type": ["string", "null"], "description": "SHA-256 of the sample a plugin needs"},
                "kept": {"type": "boolean", "description": "Its bytes are there"}}},
        "Events": {"type": "object", "required": ["events", "next"], "properties": {
            "events": {"type": "array", "items": {"$ref": "#/components/schemas/EventSummary"}},
            "next": {"type": ["string", "null"], "description": "Value of after for the next page"}}},
        "EventDetail": {"allOf": [{"$ref": "#/components/schemas/EventSummary"}, {"type": "object",
            "required": ["body", "deliveries"], "properties": {
                "body": {"description": "The event; null when it is no longer kept"},
                "deliveries": {"type": "array", "items": {"$ref": "#/components/schemas/DeliverySummary"}}}}]},
        "State": {"enum": ["ready", "waiting", "started", "held", "dead", "delivered", "cancelled", "blocked"]},
        "DeliverySummary": {"type": "object",
            "required": ["id", "event", "plugin", "step", "hook", "object", "state", "reason", "attempts", "status",
                "due", "tried_for_ms", "accepted_at", "updated_at"],
            "properties": {
                "id": {"type": "string", "description": "EVENTID/PLUGIN, or EVENTID/PLUGIN/STEP for a write-back"},
                "event": {"type": "string"}, "plugin": {"type": "string"},
                "step": {"type": "integer", "minimum": 0, "maximum": 255}, "hook": {"type": "string"},
                "object": {"type": ["string", "null"]}, "state": {"$ref": "#/components/schemas/State"},
                "reason": {"type": ["string", "null"]}, "attempts": {"type": "integer"},
                "status": {"type": ["integer", "null"]}, "due": {"$ref": "#/components/schemas/MaybeMoment"},
                "tried_for_ms": {"type": "integer"}, "accepted_at": {"$ref": "#/components/schemas/Moment"},
                "updated_at": {"$ref": "#/components/schemas/Moment"}}},
        "Deliveries": {"type": "object", "required": ["deliveries", "next"], "properties": {
            "deliveries": {"type": "array", "items": {"$ref": "#/components/schemas/DeliverySummary"}},
            "next": {"type": ["string", "null"], "description": "Value of after for the next page"}}},
        "Attempt": {"type": "object",
            "required": ["number", "started_at", "ended_at", "status", "failure", "message", "timings",
                "remote_address", "answer_headers"],
            "properties": {
                "number": {"type": "integer", "minimum": 1}, "started_at": {"$ref": "#/components/schemas/Moment"},
                "ended_at": {"$ref": "#/components/schemas/Moment"}, "status": {"type": ["integer", "null"]},
                "failure": {"type": ["string", "null"]}, "message": {"type": "string"},
                "timings": {"$ref": "#/components/schemas/Timings"}, "remote_address": {"type": ["string", "null"]},
                "answer_headers": {"type": "array", "items": {"type": "string"}},
                "answer_body": {"type": "string"}, "answer_body_base64": {"type": "string"}}},
        "DeliveryDetail": {"allOf": [{"$ref": "#/components/schemas/DeliverySummary"}, {"type": "object",
            "required": ["event_summary", "body", "extracted", "task", "tried", "siblings"], "properties": {
                "event_summary": {"$ref": "#/components/schemas/EventSummary"},
                "body": {"description": "The event; null when it is no longer kept"},
                "extracted": {"description": "Values taken from the answer"},
                "task": {"description": "For a write-back: what to write"},
                "tried": {"type": "array", "items": {"$ref": "#/components/schemas/Attempt"}},
                "siblings": {"type": "array", "items": {"$ref": "#/components/schemas/DeliverySummary"}}}}]},
        "Selection": {"type": "object", "additionalProperties": false, "properties": {
            "ids": {"type": "array", "items": {"type": "string"}, "description": "EVENTID/PLUGIN[/STEP]"},
            "plugin": {"type": "string"},
            "state": {"type": "array", "items": {"$ref": "#/components/schemas/State"}},
            "hook": {"type": "string"}, "object": {"type": "string"},
            "since": {"$ref": "#/components/schemas/Moment"}, "until": {"$ref": "#/components/schemas/Moment"},
            "status": {"type": "integer", "minimum": 100, "maximum": 599},
            "all": {"type": "boolean", "description": "Must be true when nothing else restricts"},
            "dry_run": {"type": "boolean", "description": "Only count"}}},
        "Changed": {"type": "object", "properties": {
            "changed": {"type": "integer"},
            "matched": {"type": "integer", "description": "With dry_run"},
            "more": {"type": "boolean", "description": "With dry_run: there are more than matched"},
            "next": {"type": ["string", "null"], "description": "Of dead letters: `after` for the rest"}}},
        "Replay": {"type": "object", "required": ["plugin"], "additionalProperties": false, "properties": {
            "events": {"type": "array", "items": {"type": "string"}, "description": "Ids"},
            "plugin": {"type": "string", "description": "The plugin that gets the events"},
            "hook": {"type": "string"}, "object": {"type": "string"},
            "since": {"$ref": "#/components/schemas/Moment"}, "until": {"$ref": "#/components/schemas/Moment"},
            "new_id": {"type": "boolean", "description": "Each as a new event, for receivers that are idempotent"},
            "all": {"type": "boolean"}, "dry_run": {"type": "boolean"}}},
        "Replayed": {"type": "object", "properties": {
            "replayed": {"type": "integer"}, "skipped": {"type": "integer"},
            "matched": {"type": "integer"}, "more": {"type": "boolean"}}},
        "Matched": {"type": "object", "required": ["matched", "more"], "properties": {
            "matched": {"type": "integer", "minimum": 0},
            "more": {"type": "boolean", "description": "Counting ended before all were looked at"}}},
        "JobOrder": {"type": "object", "required": ["kind"], "additionalProperties": false, "properties": {
            "kind": {"enum": ["retry", "cancel", "replay", "backfill"]},
            "plugin": {"type": "string", "description": "Whose deliveries (retry, cancel), or who gets the events"},
            "state": {"type": "array", "items": {"$ref": "#/components/schemas/State"}, "description": "retry, cancel"},
            "status": {"type": "integer", "minimum": 100, "maximum": 599, "description": "retry, cancel"},
            "hook": {"type": "string"}, "object": {"type": "string", "description": "retry, cancel, replay"},
            "since": {"$ref": "#/components/schemas/Moment"}, "until": {"$ref": "#/components/schemas/Moment"},
            "new_id": {"type": "boolean", "description": "replay: each as a new event"},
            "query": {"type": "string", "description": "backfill: objects, in MWDB's search language"},
            "all": {"type": "boolean", "description": "Must be true when nothing else restricts"},
            "rate": {"type": "string", "description": "Most deliveries in a period, such as 10/s or 5/m"},
            "dry_run": {"type": "boolean", "description": "Only count"}}},
        "Job": {"type": "object",
            "required": ["id", "kind", "state", "who", "created_at", "updated_at", "rate", "total", "examined", "done",
                "skipped", "problem", "selection"],
            "properties": {
                "id": {"type": "integer", "minimum": 1}, "kind": {"type": ["string", "null"]},
                "state": {"enum": ["running", "stopped", "done", "failed"]}, "who": {"type": "string"},
                "created_at": {"$ref": "#/components/schemas/Moment"},
                "updated_at": {"$ref": "#/components/schemas/Moment"},
                "rate": {"type": ["string", "null"]},
                "total": {"type": ["integer", "null"], "description": "How many it will look at, as far as is known"},
                "examined": {"type": "integer", "minimum": 0}, "done": {"type": "integer", "minimum": 0},
                "skipped": {"type": "integer", "minimum": 0},
                "problem": {"type": ["string", "null"], "description": "What keeps it"},
                "selection": {"type": "object", "description": "What it was ordered for"}}},
        "Jobs": {"type": "object", "required": ["jobs", "next"], "properties": {
            "jobs": {"type": "array", "items": {"$ref": "#/components/schemas/Job"}},
            "next": {"type": ["string", "null"], "description": "`after` for the next page"}}}
        }
        """#
}
