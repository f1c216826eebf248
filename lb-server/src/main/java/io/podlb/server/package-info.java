/**
 * The data plane of podlb as a library: {@link io.podlb.server.LoadBalancer} takes a {@link
 * io.podlb.server.service.ServiceTable} and serves it. The only place where the parts are wired together.
 */
@NullMarked
package io.podlb.server;

import org.jspecify.annotations.NullMarked;
