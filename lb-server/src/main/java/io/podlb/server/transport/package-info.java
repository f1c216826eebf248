/**
 * How bytes get in and out of the process: io_uring, epoll or NIO, decided once at start.
 *
 * <p>{@link io.podlb.server.transport.Transport} is the decision. TCP has one face, {@link
 * io.podlb.server.transport.RelaySocket} and its companions, and two ways behind it: {@code ChannelSocket} is a channel of
 * Netty, for epoll and NIO; {@code RingSocket} submits its operations to the {@code Ring} of its event loop itself, which
 * spares what a channel costs for each connection and each buffer. {@code EpollGuard} mends a defect of Netty's epoll.
 * Uses Netty and, of podlb, the vocabulary alone.
 */
@NullMarked
package io.podlb.server.transport;

import org.jspecify.annotations.NullMarked;
