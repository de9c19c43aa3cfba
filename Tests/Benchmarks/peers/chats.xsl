<?xml version="1.0" encoding="UTF-8"?>
<!--
  Peer: chat logs in XML to Interactions.  xsltproc peers/chats.xsl FILE.xml
  People keep the source's ids, and there is no requestId: XSLT 1.0 has no digests.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:template match="/">
    <xsl:apply-templates select="chats/chat"/>
  </xsl:template>

  <xsl:template match="chat">
    <xsl:text>{"session":{"channel":{"language":</xsl:text>
    <xsl:call-template name="string"><xsl:with-param name="text" select="@lang"/></xsl:call-template>
    <xsl:text>,"medium":"</xsl:text>
    <xsl:choose>
      <xsl:when test="@channel = 'email'">email</xsl:when>
      <xsl:otherwise>chat</xsl:otherwise>
    </xsl:choose>
    <xsl:text>"}},"request":{"connections":{"threadId":</xsl:text>
    <xsl:call-template name="string"><xsl:with-param name="text" select="@id"/></xsl:call-template>
    <xsl:text>},"context":{"organizationId":"org_bench"},"scope":{"conversations":[{"participants":[</xsl:text>
    <!-- In the order in which they speak, those who say nothing last. -->
    <xsl:variable name="speakers"
      select="message[not(@from = preceding-sibling::message/@from)]"/>
    <xsl:variable name="silent" select="participant[not(@id = ../message/@from)]"/>
    <xsl:for-each select="$speakers">
      <xsl:if test="position() &gt; 1">,</xsl:if>
      <xsl:apply-templates select="../participant[@id = current()/@from]"/>
    </xsl:for-each>
    <xsl:for-each select="$silent">
      <xsl:text>,</xsl:text>
      <xsl:apply-templates select="."/>
    </xsl:for-each>
    <xsl:text>],"messages":[</xsl:text>
    <xsl:for-each select="message">
      <!-- Every time here is UTC in one fixed width, so that its text sorts as its instant does. -->
      <xsl:sort select="@ts"/>
      <xsl:if test="position() &gt; 1">,</xsl:if>
      <xsl:text>{"content":</xsl:text>
      <xsl:call-template name="string"><xsl:with-param name="text" select="."/></xsl:call-template>
      <xsl:text>,"participantId":</xsl:text>
      <xsl:call-template name="string"><xsl:with-param name="text" select="@from"/></xsl:call-template>
      <xsl:text>,"timestamp":"</xsl:text>
      <xsl:value-of select="@ts"/>
      <xsl:text>"}</xsl:text>
    </xsl:for-each>
    <xsl:text>],"metadata":{"channel":</xsl:text>
    <xsl:call-template name="string"><xsl:with-param name="text" select="@channel"/></xsl:call-template>
    <xsl:text>,"source":{</xsl:text>
    <xsl:for-each select="$speakers">
      <xsl:call-template name="identity">
        <xsl:with-param name="place" select="position() - 1"/>
        <xsl:with-param name="id" select="@from"/>
      </xsl:call-template>
    </xsl:for-each>
    <xsl:for-each select="$silent">
      <xsl:call-template name="identity">
        <xsl:with-param name="place" select="count($speakers) + position() - 1"/>
        <xsl:with-param name="id" select="@id"/>
      </xsl:call-template>
    </xsl:for-each>
    <xsl:text>"^.@source":</xsl:text>
    <xsl:call-template name="string"><xsl:with-param name="text" select="../@source"/></xsl:call-template>
    <xsl:text>,"^.@exported":</xsl:text>
    <xsl:call-template name="string"><xsl:with-param name="text" select="../@exported"/></xsl:call-template>
    <xsl:text>}}}]}}}&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="participant">
    <xsl:text>{"participantId":</xsl:text>
    <xsl:call-template name="string"><xsl:with-param name="text" select="@id"/></xsl:call-template>
    <xsl:text>,"displayName":</xsl:text>
    <xsl:call-template name="string"><xsl:with-param name="text" select="@name"/></xsl:call-template>
    <xsl:text>,"role":"</xsl:text>
    <xsl:choose>
      <xsl:when test="@role = 'customer'">user</xsl:when>
      <xsl:when test="@role = 'agent'">operator</xsl:when>
      <xsl:otherwise>bot</xsl:otherwise>
    </xsl:choose>
    <xsl:text>"}</xsl:text>
  </xsl:template>

  <xsl:template name="identity">
    <xsl:param name="place"/>
    <xsl:param name="id"/>
    <xsl:value-of select="concat('&quot;participants[', $place, '].id&quot;:')"/>
    <xsl:call-template name="string"><xsl:with-param name="text" select="$id"/></xsl:call-template>
    <xsl:text>,</xsl:text>
  </xsl:template>

  <!-- These four are all that JSON has to escape in this data. -->
  <xsl:variable name="special" select="'\&quot;&#10;&#9;'"/>

  <!-- A text as JSON writes it. Most have nothing to escape, which is quicker to find out than to work through. -->
  <xsl:template name="string">
    <xsl:param name="text"/>
    <xsl:text>"</xsl:text>
    <xsl:choose>
      <xsl:when test="translate($text, $special, '') = $text">
        <xsl:value-of select="$text"/>
      </xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="escaped"><xsl:with-param name="text" select="$text"/></xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
    <xsl:text>"</xsl:text>
  </xsl:template>

  <!-- Escapes the first of `characters` by the word behind it, and what lies between by the others. Variables that hold
       what was made, or str:replace, would take many times as long. -->
  <xsl:template name="escaped">
    <xsl:param name="text"/>
    <xsl:param name="characters" select="$special"/>
    <xsl:variable name="character" select="substring($characters, 1, 1)"/>
    <xsl:choose>
      <xsl:when test="$characters = ''">
        <xsl:value-of select="$text"/>
      </xsl:when>
      <xsl:when test="contains($text, $character)">
        <xsl:call-template name="escaped">
          <xsl:with-param name="text" select="substring-before($text, $character)"/>
          <xsl:with-param name="characters" select="substring($characters, 2)"/>
        </xsl:call-template>
        <xsl:text>\</xsl:text>
        <xsl:value-of select="translate($character, '&#10;&#9;', 'nt')"/>
        <xsl:call-template name="escaped">
          <xsl:with-param name="text" select="substring-after($text, $character)"/>
          <xsl:with-param name="characters" select="$characters"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="escaped">
          <xsl:with-param name="text" select="$text"/>
          <xsl:with-param name="characters" select="substring($characters, 2)"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
