// One row of the endpoint table.
#pragma once

#include "api/api.hpp"

namespace wardex::api {

struct Api::Endpoint {
  std::string_view method;
  std::string_view path;  ///< "{id}" stands for one segment
  Access access;
  Reply (Api::*handler)(transport::ServerRequest request, std::string id);
};

struct Api::Match {
  const Endpoint* endpoint = nullptr;
  std::string id;
  std::string allow;  ///< methods the path takes when `endpoint` is null
};

}  // namespace wardex::api
