// What a receiver answers, by the API that the request's path belongs to. Pure.
#pragma once

#include <string>
#include <string_view>

namespace wardex::bench {

enum class Api { plain, hec, bulk, info };
/// Splunk's HTTP Event Collector by /services/collector, Elasticsearch's bulk API by /_bulk, its greeting by /.
[[nodiscard]] Api api_of(std::string_view target, bool has_body);

/// Success, in the words (and about the size) of the real one. `documents`: how many were in the body.
[[nodiscard]] std::string success(Api api, std::size_t documents);
/// `retry_after`: the header's value; empty: none.
[[nodiscard]] std::string failure(int status, std::string_view retry_after);
[[nodiscard]] std::string json_answer(std::string_view body, int status = 200);

}  // namespace wardex::bench
