// `batch` and the keys that go with it.

import Model

extension PluginReader {
    func batching() -> Batching {
        var batch = Batching()
        batch.count = values.number("batch") ?? batch.count
        batch.wait = values.span("batch_wait", .milliseconds(1) ... .hours(1)) ?? batch.wait
        batch.bytes = values.bytes("batch_bytes", 1000...4_000_000).map(Int.init) ?? batch.bytes
        batch.format = values.choice("batch_format", BatchFormat.self) ?? batch.format
        batch.items = values.parse("batch_items") { text throws(ValueError) in
            guard text.hasPrefix("json:"), JSON.isPointer(String(text.dropFirst(5))) else {
                throw ValueError("`\(text)` does not say where the answer has a list; write json:/items")
            }
            return String(text.dropFirst(5))
        }
        return batch
    }
}
