package io.podlb.server.service;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** Reading of IP addresses as text, without ever asking a name service. */
public final class InetAddresses {

    private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final String DOTTED = OCTET + "(?:\\." + OCTET + "){3}";

    /**
     * What may be handed to the JDK. It asks a name service for whatever it cannot read as an address, unless that holds
     * a colon and begins with a colon or a hexadecimal digit; so 10.0.0.256 and .:1 must not get that far. It also reads
     * leading zeros, which are octal to some and decimal to others.
     */
    private static final Pattern LITERAL =
            Pattern.compile(DOTTED + "|(?=[^:]*:)[0-9a-fA-F:]+" + "|[0-9a-fA-F:]*:" + DOTTED);

    private InetAddresses() {}

    /**
     * The address that the text spells; an IPv4-mapped IPv6 address becomes IPv4, so that one host has one form
     * before any comparison.
     *
     * @throws IllegalArgumentException if it is no IP address; names, scope ids and leading zeros of IPv4 included
     */
    public static InetAddress parse(String text) {
        if (!LITERAL.matcher(text).matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is no IP address");
        }
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("\"" + text + "\" is no IP address", e);
        }
    }

    /** The same host in its one form: an IPv4-mapped IPv6 address becomes IPv4, and a scope id goes. */
    public static InetAddress canonical(InetAddress address) {
        return address instanceof java.net.Inet4Address ? address : ofBytes(address.getAddress());
    }

    static InetAddress ofBytes(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address of " + bytes.length + " bytes (expected: 4 or 16)", e);
        }
    }
}
