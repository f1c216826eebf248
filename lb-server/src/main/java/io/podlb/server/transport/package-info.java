/**
 * How bytes get in and out of the process: io_uring, epoll or NIO, decided once at start.
 *
 * <p>{@link io.podlb.server.transport.Transport} is the decision and makes every channel; {@code EpollGuard} mends a
 * defect of one of them. Uses Netty and nothing of podlb.
 */
@NullMarked
package io.podlb.server.transport;

import org.jspecify.annotations.NullMarked;
