#include <boost/throw_exception.hpp>
#include <stdexcept>

#include "store/store.hpp"

namespace wardex::store {

// What result.value() throws when it holds an error: a caller that did not look first.
void throw_exception_from_error(const Error& error, const boost::source_location& where) {
  boost::throw_exception(std::runtime_error("store: " + error.message), where);
}

}  // namespace wardex::store
