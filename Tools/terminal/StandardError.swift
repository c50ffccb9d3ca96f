import Foundation

/// Standard error, where everything goes that is not a result.
package enum StandardError {
  package static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
