// Where a template's text goes.

/// What a template's text is used for, which decides how values are encoded.
package enum TemplatePurpose: Sendable, Equatable {
    /// Text, form fields: values as they are.
    case plain
    /// A URL: values percent-encoded, always. In the path a value of `.` or `..` becomes `_` or `__`, because
    /// such a step would lead elsewhere, encoded or not.
    case url
    /// A header's value: loses control characters.
    case header
    /// A JSON body: values are escaped inside quotes and written as JSON values outside; missing ones are
    /// empty inside and `null` outside. So the body is JSON whatever the values.
    case json
}
