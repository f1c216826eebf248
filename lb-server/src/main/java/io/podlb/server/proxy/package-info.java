/**
 * The header of the PROXY protocol, by which one proxy tells the next the address of a client, as
 * {@code https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt} has it: {@link
 * io.podlb.server.proxy.ProxyHeader} (what it says), {@link io.podlb.server.proxy.ProxyHeaderReader} and {@link
 * io.podlb.server.proxy.ProxyHeaderWriter}.
 *
 * <p>May use {@code service} and Netty's buffers. Nothing here has a state.
 */
@NullMarked
package io.podlb.server.proxy;

import org.jspecify.annotations.NullMarked;
